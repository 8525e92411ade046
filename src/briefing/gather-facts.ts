import { FAULT_TYPES, type AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { BriefingFacts, PageNoise, PeriodTraffic } from '@transaction-guardian/contracts/briefing.ts';
import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import { text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { causeOf, sliceEntries } from '../alert/cause.ts';
import { MINUTE_MS } from '../clock.ts';
import type { Sql } from '../store/database.ts';
import { listAlertsInAll } from '../store/verbs/alert/list-alerts.ts';
import { countAnomalies, listAnomalies } from '../store/verbs/anomaly/list-anomalies.ts';
import {
  countIncidents,
  readEndingSilences,
  readFailingReceivers,
  readNoise,
  readPages,
  readShiftTraffic,
  type TrafficRow,
} from '../store/verbs/briefing/shift-figures.ts';
import { gatherPendencies } from './gather-pendencies.ts';
import { proposeDemotions } from './propose-demotions.ts';
import { textsOf } from './texts-of.ts';

/** What a briefing is about; epoch milliseconds. */
export interface BriefingPeriod {
  /** Of the traffic, event time; `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Of what people and the program did, wall clock: of a recording another time, and never cut where the last minute closed. */
  readonly wall: { readonly from: number; readonly to: number };
  /** End of the shift that takes over. */
  readonly until: number;
}

export interface GatherOptions {
  /** Pages a shift that are meant to be enough, and how many shifts seven days have. */
  readonly pagesBudget: number;
  readonly shiftsAWeek: number;
}

const WEEK_MS = 7 * 86_400_000;
/** Alerts that are named. */
const WATCH_MOST = 6;
const NOISY_MOST = 3;
const LIST_MOST = 200;

/** Reads what a briefing says, as it is now. `judged`: the detector has judged everything. */
export async function gatherFacts(
  sql: Sql,
  { from, to, wall, until }: BriefingPeriod,
  { judged, now, options }: { readonly judged: boolean; readonly now: number; readonly options: GatherOptions },
): Promise<BriefingFacts> {
  const types = FAULT_TYPES.filter((type) => !SELF_TYPES.includes(type));
  const traffic = trafficOf(await readShiftTraffic(sql, from, to), from, to);
  const before = await readShiftTraffic(sql, from - WEEK_MS, to - WEEK_MS);
  const all = await countAnomalies(sql, { type: types, from, to });
  const open = await countAnomalies(sql, { type: types, from, to, state: 'open' });
  const failing = await readFailingReceivers(sql);
  return {
    traffic,
    last_week: before.minutes === 0 ? null : trafficOf(before, from, to),
    anomalies: all,
    anomalies_resolved: all - open,
    incidents: await countIncidents(sql, wall.from, wall.to),
    ...(await watchOf(sql, { from, to }, types)),
    silences: (await readEndingSilences(sql, now, until)).map(({ ends_at, ...rest }) => ({ ...rest, ends_at: iso(ends_at) })),
    judged,
    failing_receivers: failing.map(({ receiver }) => receiver),
    pendencies: await gatherPendencies(sql, { due: to, failing, most: LIST_MOST }),
    noise: await noiseOf(sql, wall, options),
  };
}

function trafficOf({ total, approved, minutes, newest }: TrafficRow, from: number, to: number): PeriodTraffic {
  const whole = Math.round((to - from) / MINUTE_MS);
  return {
    total,
    approval_share: total === 0 ? null : Math.min(1, approved / total),
    minutes,
    last_transaction_minute: newest === null ? null : iso(newest),
    minutes_missing: Math.max(0, whole - minutes),
  };
}

/** Alerts of the period in each language, those that fire first; then what was judged so late that nobody was notified. */
async function watchOf(
  sql: Sql,
  { from, to }: Pick<BriefingPeriod, 'from' | 'to'>,
  types: readonly AnomalyType[],
): Promise<Pick<BriefingFacts, 'watch' | 'watch_more'>> {
  const { items } = await listAlertsInAll(sql, { from, to, backfill: false }, { limit: LIST_MOST });
  const rows = items.map((alert) => {
    const resolved = alert.en.status === 'resolved';
    return { texts: textsOf((locale) => watchText(alert[locale].summary, resolved)), resolved };
  });
  const late = await listAnomalies(sql, { type: types, from, to, backfill: true }, { limit: LIST_MOST });
  rows.sort((a, b) => Number(a.resolved) - Number(b.resolved));
  const untold = late.items.map((anomaly) => ({
    texts: textsOf((locale) => text(locale, 'briefing.judged_late', { what: titleOf(anomaly, locale), minutes: anomaly.duration_minutes })),
    resolved: anomaly.status === 'resolved',
  }));
  const watch = [...rows, ...untold];
  return { watch: watch.slice(0, WATCH_MOST), watch_more: Math.max(0, watch.length - WATCH_MOST) };
}

/** The type of an anomaly with its cause, e.g. `Negadas acima do normal · código 51`. */
const titleOf = (anomaly: Anomaly, locale: Locale): string =>
  [
    text(locale, `anomaly.type.${anomaly.type}`),
    // The type says it.
    ...sliceEntries(causeOf(anomaly)).flatMap(([field, value]) =>
      field === 'status' ? [] : [text(locale, `anomaly.slice.${field}`, { value })],
    ),
  ].join(' · ');

/** The lines of a summary (how bad and what, figures, since when) as one; of what is over what it was and when. */
function watchText(summary: string, resolved: boolean): string {
  const [title = '', figures = '', since = ''] = summary.split('\n');
  if (since === '') return title;
  return resolved ? `${title.replace(/^✅ [^:]+: /, '')}, ${since}` : [title, figures, since].join(' · ');
}

async function noiseOf(
  sql: Sql,
  { from, to }: { readonly from: number; readonly to: number },
  { pagesBudget, shiftsAWeek }: GatherOptions,
): Promise<PageNoise> {
  const pages = await readPages(sql, from, to);
  const week = await readPages(sql, to - WEEK_MS, to);
  const { useful, noise, ended, short } = await readNoise(sql, from, to);
  const byName = new Map<string, number>();
  for (const { name, pages: count } of pages) byName.set(name, Math.max(byName.get(name) ?? 0, count));
  const budget = pagesBudget * shiftsAWeek;
  return {
    pages: mostOf(pages),
    budget: pagesBudget,
    burn: budget === 0 ? 0 : Math.round((mostOf(week) / budget) * 100) / 100,
    useful_share: useful + noise === 0 ? null : useful / (useful + noise),
    short_share: ended === 0 ? null : short / ended,
    demotions: await proposeDemotions(sql, { now: to, spent: mostOf(week), budget }),
    noisiest: [...byName]
      .map(([name, count]) => ({ name, pages: count }))
      .toSorted((a, b) => b.pages - a.pages || (a.name < b.name ? -1 : 1))
      .slice(0, NOISY_MOST),
  };
}

/** Pages of the receiver that took the most: two receivers of one page wake one person once. */
function mostOf(rows: readonly { readonly receiver: string; readonly pages: number }[]): number {
  const sums = new Map<string, number>();
  for (const { receiver, pages } of rows) sums.set(receiver, (sums.get(receiver) ?? 0) + pages);
  return Math.max(0, ...sums.values());
}

const iso = (at: number): string => new Date(at).toISOString();
