import { escapeMarkdown } from '@transaction-guardian/contracts/text/markup.ts';
import type { IncidentDetail, IncidentEntry } from '@transaction-guardian/contracts/incident.ts';
import { moneyText, text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { ChartSnapshot } from './snapshot.ts';
import { sparkline } from '@transaction-guardian/contracts/text/sparkline.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import { stateText } from './timeline-text.ts';

type Key = Parameters<typeof text>[1];

/** Draft of a post-mortem in Markdown, made from the timeline. What people wrote, and names of merchants, cannot become markup. */
export function postMortem({ incident, timeline }: IncidentDetail, locale: Locale, timeZone: string): string {
  const say = (key: Key, params: Record<string, string | number> = {}): string => text(locale, key, params, { timeZone });
  const begin = incident.first_bad_minute ?? incident.opened_at;
  const end = incident.resolved_at;
  const period =
    end === null
      ? `${say('incident.post.since', { from: begin })}, ${say('incident.post.open')}`
      : say('incident.post.period', {
          from: begin,
          to: end,
          minutes: Math.max(0, Math.round((Date.parse(end) - Date.parse(begin)) / 60_000)),
        });
  const section = (key: Key, lines: readonly string[]): string[] => [`## ${say(key)}`, '', ...lines, ''];
  const { times } = incident;
  // What has not come by the end never will: an incident that a person opened without an alert has no bad minute.
  const unknown = say(incident.resolved_at === null ? 'incident.post.unknown' : 'incident.post.none');
  return [
    `# ${say('incident.post.title', { id: incident.id, title: plain(incident.title) })}`,
    '',
    `> ${say('incident.post.draft')}`,
    '',
    ...section('incident.post.summary', [
      `- ${incident.priority} · ${stateText(incident.state, locale)} · ${period}`,
      `- ${say('incident.post.owner', { owner: plain(incident.owner === null ? say('incident.post.nobody') : shownName(incident.owner)) })}`,
    ]),
    ...section('incident.post.impact', [`- ${impactText(incident, locale, say)}`]),
    ...section('incident.post.times', [
      `| | |`,
      `|---|---|`,
      ...(
        [
          ['incident.post.time_detect', times.to_detect_s],
          ['incident.post.time_deliver', times.to_deliver_s],
          ['incident.post.time_acknowledge', times.to_acknowledge_s],
          ['incident.post.time_resolve', times.to_resolve_s],
        ] as const
      ).map(([key, seconds]) => `| ${say(key)} | ${seconds === null ? unknown : duration(seconds)} |`),
    ]),
    ...section(
      'incident.post.alerts',
      incident.alerts.map(({ summary, severity, fingerprint }) => `- ${plain(summary)} (${severity}, \`${fingerprint}\`)`),
    ),
    ...section(
      'incident.post.timeline',
      timeline.flatMap((entry) =>
        entryLines(entry, text(locale, 'incident.post.at', { at: entry.at }, { timeZone, nowMs: Date.parse(begin) })),
      ),
    ),
    ...section('incident.post.cause', [`_${say('incident.post.cause_hint')}_`]),
    ...section('incident.post.well', [`_${say('incident.post.well_hint')}_`]),
    ...section('incident.post.actions', [`- [ ] _${say('incident.post.action_hint')}_`]),
  ].join('\n');
}

function impactText(
  { lost_transactions: lost, lost_by_currency: amounts }: IncidentDetail['incident'],
  locale: Locale,
  say: (key: Key, params?: Record<string, string | number>) => string,
): string {
  if (Math.round(lost) === 0) return say('incident.post.no_loss');
  return amounts.length === 0
    ? say('incident.post.lost', { lost: Math.round(lost) })
    : say('incident.post.lost_amount', { lost: Math.round(lost), money: moneyText(locale, amounts) });
}

function entryLines({ kind, text: line, data }: IncidentEntry, at: string): string[] {
  const head = `- **${at}** ${plain(line)}`;
  if (kind !== 'snapshot') return [head];
  const { minutes } = data as unknown as ChartSnapshot;
  const drawn = sparkline(
    minutes.map(({ observed }) => observed),
    0,
  );
  const last = minutes.at(-1);
  const now = last === undefined ? '' : ` ${round(last.observed)}/min (${round(last.low)}–${round(last.high)})`;
  return [head, `  \`${drawn}\`${now}`];
}

const round = (value: number): string => String(Math.round(value * 10) / 10);

/** Seconds as `1 h 05 min`, `12 min`, `40 s`. */
function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Text that Markdown shows as it is, on one line. */
function plain(line: string): string {
  return escapeMarkdown(line.trim().replaceAll(/\s*\n\s*/g, ' · ')).replaceAll(/\s+/g, ' ');
}
