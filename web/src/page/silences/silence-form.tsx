import { useState } from 'react';
import { SEVERITIES, type Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { useWords } from '../../ui/locale.tsx';
import { DurationSelect } from '../respond/duration-select.tsx';
import { MadeForm } from '../parts/made-form.tsx';
import { linesOf, MatchersField } from './matchers-field.tsx';
import type { SilencesApi } from './silences-api.ts';

/** Makes a silence by matchers. */
export function SilenceForm({ api, onMade }: { readonly api: Pick<SilencesApi, 'createSilence'>; readonly onMade: () => void }) {
  const { t } = useWords();
  const [matchers, setMatchers] = useState('');
  const [hours, setHours] = useState(1);
  const [severity, setSeverity] = useState<Severity>('critical');
  const [reason, setReason] = useState('');
  const submit = async () => {
    await api.createSilence({ matchers: linesOf(matchers), max_severity: severity, minutes: hours * 60, reason });
    setMatchers('');
    setReason('');
  };
  return (
    <MadeForm title={t('console.silences.new')} action={t('console.silences.create')} onSubmit={submit} onMade={onMade}>
      <MatchersField value={matchers} onValue={setMatchers} />
      <DurationSelect hours={hours} onHours={setHours} />
      <label className="field">
        <span>{t('console.silences.severity')}</span>
        <select value={severity} onChange={(event) => setSeverity(SEVERITIES.find((one) => one === event.target.value) ?? 'critical')}>
          {SEVERITIES.map((option) => (
            <option key={option} value={option}>
              {t(`anomaly.severity.${option}`)}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>{t('console.silences.reason')}</span>
        <input required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
    </MadeForm>
  );
}
