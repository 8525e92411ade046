import { useState } from 'react';
import type { OnCallOverrideInput, OnCallPolicy } from '@transaction-guardian/contracts/oncall.ts';
import type { Ask } from '../../live/ask.ts';
import { Choice } from '../parts/choice.tsx';
import { MadeForm } from '../parts/made-form.tsx';
import { usePageWords } from '../parts/page-words.ts';

interface OverrideFormProps {
  readonly ask: Ask;
  readonly schedule: string;
  readonly people: OnCallPolicy['people'];
  readonly onMade: () => void;
}

/** Puts somebody in the place of whom the layers name, by the clock of the browser. */
export function OverrideForm({ ask, schedule, people, onMade }: OverrideFormProps) {
  const { t, p } = usePageWords();
  const [person, setPerson] = useState(people[0]?.id ?? '');
  const [start, setStart] = useState('');
  const [end, setEnd] = useState('');
  const [reason, setReason] = useState('');
  const submit = () => {
    const input: OnCallOverrideInput = {
      ...{ schedule, person, starts_at: new Date(start).toISOString(), ends_at: new Date(end).toISOString() },
      ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
    };
    return ask.send('POST', '/oncall/overrides', input);
  };
  return (
    <MadeForm title={p('page.oncall.override')} action={p('page.oncall.override')} onSubmit={submit} onMade={onMade}>
      <Choice
        label={p('page.oncall.person')}
        value={person}
        onValue={setPerson}
        options={people.map(({ id, name }) => [id, name] as const)}
      />
      <label className="field">
        <span>{p('page.audit.from')}</span>
        <input required type="datetime-local" value={start} onChange={(event) => setStart(event.target.value)} />
      </label>
      <label className="field">
        <span>{p('page.audit.to')}</span>
        <input required type="datetime-local" value={end} onChange={(event) => setEnd(event.target.value)} />
      </label>
      <label className="field">
        <span>{t('console.silences.reason')}</span>
        <input maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
    </MadeForm>
  );
}
