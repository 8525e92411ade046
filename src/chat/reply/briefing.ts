import { FAULT_TYPES } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { PRIORITIES } from '@transaction-guardian/contracts/incident-state.ts';
import type { Stats } from '@transaction-guardian/contracts/stats.ts';
import { listAnomalies } from '../../store/verbs/anomaly/list-anomalies.ts';
import { readMetric } from '../metric/series.ts';
import type { Turn } from '../turn.ts';
import { anomalyTitle } from './anomaly-text.ts';
import { numberText } from './figures.ts';
import { tree, type Reply } from './reply.ts';
import { caveatLines } from './standing.ts';

const HOURS = 8;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Things to watch that are named. */
const WATCHED = 6;
const MOST = 1000;

/** "briefing": the last eight hours in the form of a shift handover. */
export async function replyBriefing(turn: Turn): Promise<Reply> {
  const { data, say, locale } = turn;
  const stats = await data.stats.read();
  const end = stats.last_minute === null ? null : Date.parse(stats.last_minute) + MINUTE_MS;
  if (end === null) return { text: `${heading(turn, turn.now)}\n\n⚠️ ${say('chat.no_data')}${caveatLines(say, stats)}` };
  const range = { from: end - HOURS * HOUR_MS, to: end };
  const [points, page] = await Promise.all([
    readMetric(data, 'rate', {}, range),
    listAnomalies(data.database, { type: FAULT_TYPES, ...range }, { limit: MOST }),
  ]);
  const total = points.reduce((sum, point) => sum + point.total, 0);
  const approved = points.reduce((sum, point) => sum + point.count, 0);
  const resolved = page.items.filter(({ status }) => status === 'resolved').length;
  const missing = HOURS * 60 - points.filter(({ value, total: n }) => value !== null || n > 0).length;
  const figures = tree(`📊 ${say('chat.briefing.last', { n: HOURS })}:`, [
    `${say('chat.briefing.total')}: ${numberText(locale, total)}`,
    `${say('chat.briefing.approved')}: ${total === 0 ? say('chat.no_data') : `${numberText(locale, (100 * approved) / total, 1)}%`}`,
    `${say('chat.briefing.anomalies')}: ${page.items.length === 0 ? '0' : say(resolved === 1 ? 'chat.briefing.of_one' : 'chat.briefing.of', { n: page.items.length, resolved })}`,
    `${say('chat.briefing.incidents')}: ${await incidentsText(turn)}`,
    ...(missing > 0 ? [`⚠️ ${say('chat.anomalies.gaps', { n: missing, of: HOURS * 60 })}`] : []),
  ]);
  return {
    text:
      [heading(turn, end), figures, watchText(turn, page.items, stats), say('chat.briefing.good_shift')].join('\n\n') +
      caveatLines(say, stats),
  };
}

/** `0 P1, 1 P2`: incidents that were opened in the last hours, by the wall clock; P3 and P4 where there are any. */
async function incidentsText({ acts, data, locale }: Turn): Promise<string> {
  const { items } = await acts.incidents.list({ from: data.clock.now() - HOURS * HOUR_MS }, { limit: MOST }, locale);
  const counts = PRIORITIES.map((priority) => [priority, items.filter((one) => one.priority === priority).length] as const);
  return counts.flatMap(([priority, n]) => (n > 0 || priority === 'P1' || priority === 'P2' ? [`${n} ${priority}`] : [])).join(', ');
}

/** Night from 22:00 to 08:00. */
function heading({ say, data }: Turn, at: number): string {
  const hour = Number(new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone: data.timeZone }).format(at));
  return hour >= 22 || hour < 8 ? `🌙 ${say('chat.briefing.night')}` : `☀️ ${say('chat.briefing.day')}`;
}

function watchText({ say }: Turn, anomalies: readonly Anomaly[], stats: Stats): string {
  const open = anomalies.filter(({ status }) => status === 'open');
  const serious = anomalies.filter(({ status, severity }) => status === 'resolved' && severity !== 'info');
  const lines = [...open, ...serious].slice(0, WATCHED).map((anomaly) => {
    const params = { what: anomalyTitle(say, anomaly), at: anomaly.started_at };
    return say(anomaly.status === 'open' ? 'chat.briefing.open' : 'chat.briefing.resolved', params);
  });
  const none = stats.judged === 'current' ? say('chat.briefing.nothing') : say('chat.briefing.nothing_judged');
  return tree(`⚠️ ${say('chat.briefing.watch')}:`, lines.length === 0 ? [none] : lines);
}
