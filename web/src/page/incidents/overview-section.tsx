import type { IncidentDetail } from '@transaction-guardian/contracts/incident.ts';
import { moneyText } from '@transaction-guardian/contracts/text/render-text.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import { formatMoment } from '../../ui/format.ts';
import { durationText } from '../parts/duration-text.ts';
import { Fact } from '../parts/fact.tsx';
import { usePageWords, type PageWords } from '../parts/page-words.ts';
import { EntryLine } from './timeline-section.tsx';

const LAST = 5;

/** Times, loss and the newest lines of the timeline. */
export function OverviewSection({ detail: { incident, timeline }, now }: { readonly detail: IncidentDetail; readonly now: number }) {
  const words = usePageWords();
  const { p, locale, timeZone } = words;
  // What has not come by the end never will, as the bad minute of an incident without an alert.
  const none = p(incident.resolved_at === null ? 'page.not_known' : 'page.none');
  const moment = (iso: string | null) => (iso === null ? none : formatMoment(locale, timeZone, Date.parse(iso), now));
  const { times } = incident;
  const after = (iso: string | null, seconds: number | null) =>
    seconds === null ? moment(iso) : `${moment(iso)} (${durationText(seconds)})`;
  return (
    <div className="two-columns">
      <dl className="facts">
        <Fact name={p('page.incident.first_bad')}>{moment(incident.first_bad_minute)}</Fact>
        <Fact name={p('page.incident.detected')}>{after(incident.detected_at, times.to_detect_s)}</Fact>
        <Fact name={p('page.incident.delivered')}>{after(incident.delivered_at, times.to_deliver_s)}</Fact>
        <Fact name={p('page.incident.opened')}>
          {moment(incident.opened_at)} · {incident.opened_by === null ? p('page.incident.automatic') : shownName(incident.opened_by)}
        </Fact>
        <Fact name={p('page.incident.acknowledged')}>{after(incident.acknowledged_at, times.to_acknowledge_s)}</Fact>
        <Fact name={p('page.incident.resolved')}>{after(incident.resolved_at, times.to_resolve_s)}</Fact>
        <Fact name={p('page.incident.loss')}>{lossText(words, incident)}</Fact>
      </dl>
      <ol className="timeline">
        {timeline
          .slice(-LAST)
          .toReversed()
          .map((entry) => (
            <EntryLine key={entry.number} entry={entry} now={now} />
          ))}
      </ol>
    </div>
  );
}

function lossText({ p, locale }: PageWords, { lost_transactions: lost, lost_by_currency: amounts }: IncidentDetail['incident']): string {
  if (Math.round(lost) === 0) return p('page.incident.loss_none');
  return amounts.length === 0
    ? p('page.incident.loss_value', { lost })
    : p('page.incident.loss_money', { lost, money: moneyText(locale, amounts) });
}
