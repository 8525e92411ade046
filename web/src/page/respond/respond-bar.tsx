import { useState } from 'react';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import { formatMinutes } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { useWords } from '../../ui/locale.tsx';
import type { Responding } from './responding.ts';
import { SilenceDialog } from './silence-dialog.tsx';

/** Minutes of the snoozes that are offered; the first is that of the key. */
export const SNOOZES = [15, 60] as const;

interface RespondBarProps {
  readonly alert: AlertView;
  readonly responding: Responding;
  /** Shows the keys beside the buttons, where they act on this alert. */
  readonly hasKeys?: boolean;
}

/** Buttons to acknowledge, snooze and silence an alert that fires, and to take that back. */
export function RespondBar({ alert, responding, hasKeys = false }: RespondBarProps) {
  const { t, locale } = useWords();
  const [isAsking, setAsking] = useState(false);
  const isBusy = responding.busy === alert.fingerprint;
  const { failure } = responding;
  return (
    <div className="respond">
      <div className="respond-buttons" role="group" aria-label={t('console.respond.label')}>
        {alert.acknowledged_by === null ? (
          <button type="button" className="tool is-first" disabled={isBusy} onClick={() => responding.acknowledge(alert)}>
            <Icon name="check" size={14} /> {t('console.respond.acknowledge')} {hasKeys && <kbd aria-hidden="true">A</kbd>}
          </button>
        ) : (
          <button type="button" className="tool" disabled={isBusy} onClick={() => responding.unacknowledge(alert)}>
            {t('console.respond.unacknowledge')}
          </button>
        )}
        {alert.snoozed_until === null ? (
          SNOOZES.map((minutes, index) => (
            <button key={minutes} type="button" className="tool" disabled={isBusy} onClick={() => responding.snooze(alert, minutes)}>
              {t('console.respond.snooze', { time: minutes % 60 === 0 ? `${minutes / 60} h` : formatMinutes(locale, minutes) })}{' '}
              {hasKeys && index === 0 && <kbd aria-hidden="true">S</kbd>}
            </button>
          ))
        ) : (
          <button type="button" className="tool" disabled={isBusy} onClick={() => responding.unsnooze(alert)}>
            {t('console.respond.unsnooze')}
          </button>
        )}
        {alert.silenced_by.length === 0 && (
          <button type="button" className="tool" disabled={isBusy} onClick={() => setAsking(true)}>
            {t('console.respond.silence')}
          </button>
        )}
      </div>
      <p className="respond-said" role="status">
        {failure?.fingerprint === alert.fingerprint && t('console.respond.failed', { message: failure.message })}
      </p>
      {isAsking && <SilenceDialog alert={alert} responding={responding} onClose={() => setAsking(false)} />}
    </div>
  );
}
