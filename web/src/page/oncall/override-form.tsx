import { useState } from 'react';
import type { OnCallOverrideInput, OnCallPolicy } from '@transaction-guardian/contracts/oncall.ts';
import type { Ask } from '../../live/ask.ts';
import { Choice } from '../parts/choice.tsx';
import { MadeForm } from '../parts/made-form.tsx';
import { MomentField, momentOf } from '../parts/moment-field.tsx';
import { usePageWords } from '../parts/page-words.ts';

interface OverrideFormProps {
  readonly ask: Ask;
  readonly schedule: string;
  readonly people: OnCallPolicy['people'];
  readonly onMade: () => void;
}

/** Puts somebody in the place of whom the layers name, by the clocks of the server's zone. */
export function OverrideForm({ ask, schedule, people, onMade }: OverrideFormProps) {
  const { t, p, timeZone } = usePageWords();
  const [person, setPerson] = useState(people[0]?.id ?? '');
  const [start, setStart] = useState('');
  const [end, setEnd] = useState('');
  const [reason, setReason] = useState('');
  const submit = async () => {
    const startsAt = momentOf(start, timeZone, 'start');
    const endsAt = momentOf(end, timeZone, 'end');
    if (startsAt === undefined || endsAt === undefined) return;
    const input: OnCallOverrideInput = {
      ...{ schedule, person, starts_at: startsAt, ends_at: endsAt },
      ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
    };
    await ask.send('POST', '/oncall/overrides', input);
  };
  return (
    <MadeForm title={p('page.oncall.override')} action={p('page.oncall.override')} onSubmit={submit} onMade={onMade}>
      <Choice
        label={p('page.oncall.person')}
        value={person}
        onValue={setPerson}
        options={people.map(({ id, name }) => [id, name] as const)}
      />
      <MomentField isRequired label={p('page.audit.from')} value={start} onValue={setStart} edge="start" />
      <MomentField isRequired label={p('page.audit.to')} value={end} onValue={setEnd} edge="end" />
      <label className="field">
        <span>{t('console.silences.reason')}</span>
        <input maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
    </MadeForm>
  );
}
