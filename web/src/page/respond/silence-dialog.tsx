import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import { formatSliceOf, formatType } from '../../ui/format.ts';
import { useWords } from '../../ui/locale.tsx';
import { DurationSelect } from './duration-select.tsx';
import type { Responding } from './responding.ts';

interface SilenceDialogProps {
  readonly alert: AlertView;
  readonly responding: Responding;
  readonly onClose: () => void;
}

/** Asks for how long and why the cause of an alert is silenced. It stays open while the server refuses. */
export function SilenceDialog({ alert, responding, onClose }: SilenceDialogProps) {
  const { t, locale } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const [hours, setHours] = useState(1);
  const [reason, setReason] = useState('');
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void responding.silence(alert, { minutes: hours * 60, reason }).then((isDone) => isDone && onClose());
  };
  const { failure } = responding;
  return (
    <dialog ref={dialog} className="help silence-dialog" aria-labelledby="silence-dialog-title" onClose={onClose}>
      <h2 id="silence-dialog-title">{t('console.respond.silence_title')}</h2>
      <p>
        <strong>{formatType(locale, alert.type)}</strong> {formatSliceOf(locale, alert.type, alert.slice)}
      </p>
      <p className="silence-hint">{t('console.respond.silence_hint')}</p>
      <form className="form" onSubmit={submit}>
        <DurationSelect hours={hours} onHours={setHours} />
        <label className="field">
          <span>{t('console.silences.reason')}</span>
          <input required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
        {failure?.fingerprint === alert.fingerprint && (
          <p className="form-failure" role="alert">
            {t('console.respond.failed', { message: failure.message })}
          </p>
        )}
        <div className="respond-buttons">
          <button type="submit" className="tool is-first" disabled={responding.busy !== null}>
            {t('console.silences.create')}
          </button>
          <button type="button" className="tool" onClick={onClose}>
            {t('console.respond.cancel')}
          </button>
        </div>
      </form>
    </dialog>
  );
}
