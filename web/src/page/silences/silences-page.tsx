import type { HeldForeignAlert, Silence } from '@transaction-guardian/contracts/silence.ts';
import { formatPeriod } from '../../ui/format-period.ts';
import { useWords } from '../../ui/locale.tsx';
import { useActing } from '../parts/acting.ts';
import { usePageWords } from '../parts/page-words.ts';
import { useSilences } from '../respond/use-silences.ts';
import { MaintenanceForm } from './maintenance-form.tsx';
import { MaintenanceRows } from './maintenance-rows.tsx';
import { SilenceForm } from './silence-form.tsx';
import { Matchers } from './matchers.tsx';
import type { SilencesApi } from './silences-api.ts';

interface SilencesPageProps {
  readonly api: SilencesApi;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
}

const EXPIRED_MOST = 20;

/** Silences with what they hide, maintenance windows, and the forms that make them. */
export function SilencesPage({ api, now }: SilencesPageProps) {
  const { t, p } = usePageWords();
  const { value, failure, reload } = useSilences(api);
  const { failure: refusal, run } = useActing();
  const end = (work: () => Promise<unknown>) => void run(work).then((isDone) => isDone && reload());
  const silences = value?.silences ?? [];
  const [current, expired] = [silences.filter(({ status }) => status !== 'expired'), silences.filter(({ status }) => status === 'expired')];
  const message = refusal ?? failure;
  return (
    <>
      {message !== null && (
        <p className="nothing form-failure" role="alert">
          {t(refusal === null ? 'console.error.load' : 'console.respond.failed', { message })}
        </p>
      )}
      <section className="panel" id="silences" aria-labelledby="silences-title" tabIndex={-1}>
        <div className="panel-head">
          <h2 id="silences-title">
            {t('console.silences.title')} {current.length > 0 && <span className="count">{current.length}</span>}
          </h2>
        </div>
        {current.length === 0 && <p className="nothing">{t(value === null ? 'console.loading' : 'console.silences.none')}</p>}
        <SilenceRows silences={current} now={now} onEnd={(id) => end(() => api.endSilence(id))} />
        <SilenceForm api={api} onMade={reload} />
      </section>
      {value !== null && value.elsewhere.length > 0 && (
        <HeldForeign alerts={value.elsewhere} now={now} onEnd={(fingerprint) => end(() => api.endElsewhere(fingerprint))} />
      )}
      <section className="panel" aria-labelledby="maintenance-title">
        <div className="panel-head">
          <h2 id="maintenance-title">{p('page.maintenance.title')}</h2>
        </div>
        <MaintenanceRows windows={value?.windows ?? null} now={now} onEnd={(id) => end(() => api.endMaintenance(id))} />
        <MaintenanceForm api={api} onMade={reload} />
      </section>
      {expired.length > 0 && (
        <section className="panel" aria-labelledby="expired-title">
          <div className="panel-head">
            <h2 id="expired-title">{t('console.silences.expired')}</h2>
          </div>
          <SilenceRows silences={expired.slice(0, EXPIRED_MOST)} now={now} />
        </section>
      )}
    </>
  );
}

interface HeldForeignProps {
  readonly alerts: readonly HeldForeignAlert[];
  readonly now: number;
  readonly onEnd: (fingerprint: string) => void;
}

/** Alerts of other rules that somebody took or silenced, which only Alertmanager has. */
function HeldForeign({ alerts, now, onEnd }: HeldForeignProps) {
  const { t, locale, timeZone } = useWords();
  return (
    <section className="panel" aria-labelledby="elsewhere-title">
      <div className="panel-head">
        <h2 id="elsewhere-title">
          {t('console.silences.elsewhere')} <span className="count">{alerts.length}</span>
        </h2>
      </div>
      <ul className="rows">
        {alerts.map(({ fingerprint, name, labels, kind, by, at, until }) => (
          <li key={fingerprint} className="row held-row">
            <p className="held-head">
              <strong>{name}</strong>{' '}
              <span>{t(`console.silences.held_${kind}`, { name: by, ...formatPeriod(locale, timeZone, at, until, now) })}</span>
            </p>
            <Matchers
              matchers={Object.entries(labels)
                .filter(([label]) => label !== 'alertname')
                .map(([label, value]) => `${label}=${JSON.stringify(value)}`)}
            />
            <button type="button" className="tool" onClick={() => onEnd(fingerprint)}>
              {t('console.silences.end')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface SilenceRowsProps {
  readonly silences: readonly Silence[];
  readonly now: number;
  readonly onEnd?: (id: string) => void;
}

function SilenceRows({ silences, now, onEnd }: SilenceRowsProps) {
  const { t, locale, timeZone } = useWords();
  return (
    <ul className="rows">
      {silences.map((silence) => (
        <li key={silence.id} className="row held-row">
          <p className="held-head">
            <span className="tag tag-held">{t(`console.silences.status_${silence.status}`)}</span>{' '}
            <strong>{t('console.silences.times', formatPeriod(locale, timeZone, silence.starts_at, silence.ends_at, now))}</strong>{' '}
            <span>{t('console.silences.by', { name: silence.created_by.name, reason: silence.reason })}</span>
            {silence.ended_by !== null && <span> · {t('console.silences.ended_by', { name: silence.ended_by.name })}</span>}
          </p>
          <Matchers matchers={silence.matchers} />
          {silence.max_severity !== 'critical' && <p className="row-reason">{t(`console.silences.limit_${silence.max_severity}`)}</p>}
          <Hidden silence={silence} />
          {onEnd !== undefined && (
            <button type="button" className="tool" onClick={() => onEnd(silence.id)}>
              {t('console.silences.end')}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What a silence hides or hid. */
function Hidden({ silence: { hidden, hidden_count: n, status } }: { readonly silence: Silence }) {
  const { t } = useWords();
  if (n === 0 && status !== 'expired') return null;
  if (n === 0) return <p className="row-reason">{t('console.silences.hides_none')}</p>;
  return (
    <details className="held-hidden">
      <summary>{t('console.silences.hides', { n })}</summary>
      <ul>
        {hidden.map(({ fingerprint, name, labels, starts_at: start, is_firing: fires }) => (
          <li key={`${fingerprint} ${start}`}>
            {name} {labels['merchant_id'] ?? labels['acquirer'] ?? labels['auth_code'] ?? ''} ·{' '}
            {t(fires ? 'console.silences.firing' : 'console.silences.over')}
          </li>
        ))}
      </ul>
    </details>
  );
}
