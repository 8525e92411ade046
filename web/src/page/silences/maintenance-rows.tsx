import type { Maintenance } from '@transaction-guardian/contracts/silence.ts';
import { formatMoment } from '../../ui/format.ts';
import { formatPeriod } from '../../ui/format-period.ts';
import { usePageWords, type PageWords } from '../parts/page-words.ts';
import { Matchers } from './matchers.tsx';

interface MaintenanceRowsProps {
  /** Null before the first answer. */
  readonly windows: readonly Maintenance[] | null;
  readonly now: number;
  readonly onEnd: (id: string) => void;
}

/** Maintenance windows, those that come next first. */
export function MaintenanceRows({ windows, now, onEnd }: MaintenanceRowsProps) {
  const words = usePageWords();
  const { t, p, locale, timeZone } = words;
  const moment = (iso: string) => formatMoment(locale, timeZone, Date.parse(iso), now);
  if (windows === null || windows.length === 0)
    return <p className="nothing">{windows === null ? t('console.loading') : p('page.maintenance.none')}</p>;
  return (
    <ul className="rows">
      {windows.map((window) => (
        <li key={window.id} className="row held-row">
          <p className="held-head">
            <span className="tag tag-held">{p(`page.maintenance.status_${window.status}`)}</span> <strong>{window.name}</strong>{' '}
            <span>{window.created_by.name}</span>
          </p>
          {window.weekly !== null && <p className="row-reason">{weeklyText(words, window.weekly)}</p>}
          {window.next !== null && (
            <p>
              {window.status === 'active'
                ? p('page.maintenance.now', { end: moment(window.next.ends_at) })
                : p('page.maintenance.next', formatPeriod(locale, timeZone, window.next.starts_at, window.next.ends_at, now))}
            </p>
          )}
          <Matchers matchers={window.matchers} />
          {window.max_severity !== 'critical' && <p className="row-reason">{t(`console.silences.limit_${window.max_severity}`)}</p>}
          {window.status !== 'ended' && (
            <button type="button" className="tool" onClick={() => onEnd(window.id)}>
              {p('page.maintenance.end')}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function weeklyText(
  { t, p }: PageWords,
  { days, start, end: at, time_zone: zone, from, until }: NonNullable<Maintenance['weekly']>,
): string {
  const end = at > start ? at : p('page.time_next_day', { at });
  if (from !== undefined && from === until) return p('page.maintenance.once', { day: from, start, end, zone });
  return p('page.maintenance.weekly', { days: days.map((day) => t(`console.day.${day}`)).join(', '), start, end, zone });
}
