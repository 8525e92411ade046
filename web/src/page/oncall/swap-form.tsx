import { useState } from 'react';
import type { OnCallShift, OnCallSwapInput } from '@transaction-guardian/contracts/oncall.ts';
import type { Ask } from '../../live/ask.ts';
import { Choice } from '../parts/choice.tsx';
import { MadeForm } from '../parts/made-form.tsx';
import { usePageWords } from '../parts/page-words.ts';

interface SwapFormProps {
  readonly ask: Ask;
  readonly schedule: string;
  readonly shifts: readonly OnCallShift[];
  readonly text: (shift: OnCallShift) => string;
  readonly onMade: () => void;
}

/** Exchanges two whole shifts. */
export function SwapForm({ ask, schedule, shifts, text, onMade }: SwapFormProps) {
  const { p } = usePageWords();
  const [one, setOne] = useState(shifts[0]?.starts_at ?? '');
  const [other, setOther] = useState(shifts[1]?.starts_at ?? '');
  const options = shifts.map((shift) => [shift.starts_at, text(shift)] as const);
  const submit = () => ask.send('POST', '/oncall/swaps', { schedule, at: one, with: other } satisfies OnCallSwapInput);
  return (
    <MadeForm title={p('page.oncall.swap')} action={p('page.oncall.swap')} onSubmit={submit} onMade={onMade}>
      <Choice label={p('page.oncall.one')} value={one} onValue={setOne} options={options} />
      <Choice label={p('page.oncall.other')} value={other} onValue={setOther} options={options} />
    </MadeForm>
  );
}
