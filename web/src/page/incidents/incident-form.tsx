import { useState } from 'react';
import type { Incident } from '@transaction-guardian/contracts/incident.ts';
import { MAX_INCIDENT_TITLE, PRIORITIES, type Priority } from '@transaction-guardian/contracts/incident-state.ts';
import { Choice } from '../parts/choice.tsx';
import { MadeForm } from '../parts/made-form.tsx';
import { usePageWords } from '../parts/page-words.ts';
import type { IncidentsApi } from './incidents-api.ts';

interface IncidentFormProps {
  readonly api: Pick<IncidentsApi, 'open'>;
  readonly onOpened: (incident: Incident) => void;
}

/** Opens an incident without alerts: what somebody reported. */
export function IncidentForm({ api, onOpened }: IncidentFormProps) {
  const { p } = usePageWords();
  const [title, setTitle] = useState('');
  const [priority, setPriority] = useState<Priority>('P3');
  const submit = async () => onOpened(await api.open({ title: title.trim(), priority }));
  return (
    <MadeForm title={p('page.incident.open')} action={p('page.incident.open')} onSubmit={submit} onMade={() => setTitle('')}>
      <label className="field field-wide">
        <span>{p('page.incident.title')}</span>
        <input required maxLength={MAX_INCIDENT_TITLE} value={title} onChange={(event) => setTitle(event.target.value)} />
      </label>
      <Choice
        label={p('page.incident.priority')}
        value={priority}
        onValue={(value) => setPriority(PRIORITIES.find((one) => one === value) ?? 'P3')}
        options={PRIORITIES.map((one) => [one, one] as const)}
      />
    </MadeForm>
  );
}
