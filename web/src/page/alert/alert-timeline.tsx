import type { AlertEntry } from '@transaction-guardian/contracts/alert-detail.ts';
import { formatMoment } from '../../ui/format.ts';
import { isPageTextKey } from '@transaction-guardian/contracts/text/page-text.ts';
import { usePageWords, type PageWords } from '../parts/page-words.ts';

interface AlertTimelineProps {
  readonly entries: readonly AlertEntry[];
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
}

/** What happened to an alert, the oldest line first. */
export function AlertTimeline({ entries, now }: AlertTimelineProps) {
  const words = usePageWords();
  const { locale, timeZone } = words;
  return (
    <ol className="timeline">
      {entries.map((entry) => (
        <li key={`${entry.kind} ${entry.at} ${entry.by} ${entry.receivers.join()}`} className={`entry entry-${entry.kind}`}>
          <time dateTime={entry.at}>{formatMoment(locale, timeZone, Date.parse(entry.at), now)}</time>
          <p>{entryText(words, entry, now)}</p>
        </li>
      ))}
    </ol>
  );
}

function entryText({ t, p, locale, timeZone }: PageWords, entry: AlertEntry, now: number): string {
  const { kind, by, receivers, people, detail, until } = entry;
  const end = until === null ? '' : ` ${p('page.alert.until', { at: formatMoment(locale, timeZone, Date.parse(until), now) })}`;
  const comment = detail === null || detail === '' ? '' : `: ${detail}`;
  const who = by ?? p('incident.program');
  switch (kind) {
    case 'delivered':
      return p(detail === 'resolved' ? 'page.alert.delivered_end' : 'page.alert.delivered', { receivers: receivers.join(', ') });
    case 'escalated':
      return p('page.alert.escalated', { receivers: receivers.join(', '), people: people.length === 0 ? '–' : people.join(', ') });
    case 'acknowledged':
    case 'snoozed':
    case 'silenced':
      return `${p(`page.alert.${kind}`, { who })}${end}${comment}`;
    case 'acknowledge_ended':
    case 'snooze_ended':
    case 'silence_ended': {
      const key = `page.alert.how_${detail}`;
      return `${p(`page.alert.${kind}`)}${isPageTextKey(key) ? `: ${p(key)}` : ''}${by === null ? '' : ` (${by})`}`;
    }
    case 'verdict':
      return p('page.alert.verdict', {
        who,
        verdict: detail === 'noise' || detail === 'accept_level' ? t(`console.verdict.${detail}`) : t('console.verdict.useful'),
      });
    case 'began':
    case 'fired':
    case 'resolved':
      return p(`page.alert.${kind}`);
  }
}
