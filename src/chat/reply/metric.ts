import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import type { QuestionTopic } from '../grammar/command.ts';
import { METRIC_IDS, type MetricId } from '../grammar/metric-names.ts';
import { expectedNext } from '../metric/expected-next.ts';
import { metricNow, readMetric, SERIES_METRICS, type MetricNow, type MetricPoint, type SeriesMetric } from '../metric/series.ts';
import type { TimeRange } from '../period/period.ts';
import type { Turn } from '../turn.ts';
import { placeText } from './anomaly-text.ts';
import { metricChart } from './metric-chart.ts';
import { sparkline } from '@transaction-guardian/contracts/text/sparkline.ts';
import { thinned } from './figures.ts';
import { bare, figure } from './metric-figure.ts';
import { replyLag, replyLatency, replyLost } from './metric-special.ts';
import { findNamedSlice } from './named-slice.ts';
import { periodText } from './period-text.ts';
import { tree, type Reply } from './reply.ts';
import { caveatLines } from './standing.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Longest period of one answer. */
const MOST_DAYS = 7;
/** Characters of a trend: a phone shows some thirty in a line. */
const TREND = 24;

/** "métricas": what can be asked for. */
export function replyMetrics({ say }: Turn): Reply {
  const names = METRIC_IDS.map((id) => say(`chat.metric.${id}`));
  return {
    text: `${tree(`📈 ${say('chat.metrics.title')}`, names)}\n\n${say('chat.metrics.hint')}`,
    followUps: [say('chat.say.approval'), say('chat.say.volume')],
  };
}

/** "taxa de aprovação", "negadas do lojista X ontem": now beside what is expected, and the trend. */
export async function replyMetric(turn: Turn, metric: MetricId, topic: QuestionTopic): Promise<Reply> {
  const { data, say } = turn;
  const question = { verb: 'metric', metric, ...topic } as const;
  const found = await findNamedSlice(turn, topic.slice, topic.period);
  // "e ontem?" is about this one, not about what was asked before.
  if (found?.kind === 'unknown') return { text: found.text, talk: { question } };
  const slice: Slice = found === null ? {} : found.slice;
  const stats = await data.stats.read();
  const series = SERIES_METRICS[metric];
  if (series === undefined) {
    const special = { api_latency: replyLatency, lag: replyLag, lost_amount: replyLost }[metric as 'api_latency' | 'lag' | 'lost_amount'];
    return { ...(await special(turn, stats, slice, topic.period)), talk: { question } };
  }
  const title = [say(`chat.metric.${metric}`), placeText(say, slice)].filter((part) => part !== '').join(' · ');
  const end = stats.last_minute === null ? null : Date.parse(stats.last_minute) + MINUTE_MS;
  if (end === null) return { text: `⚠️ ${title}: ${say('chat.no_data')}${caveatLines(say, stats)}`, talk: { question } };
  const range = rangeOf(turn, topic, end);
  if (range.to - range.from > MOST_DAYS * 24 * HOUR_MS) return { text: say('chat.metric_too_long', { n: MOST_DAYS }) };
  const points = await readMetric(data, series, slice, range);
  const missing = missingMinutes(points, { from: range.from, to: Math.min(range.to, end) });
  const lines = [
    ...(topic.period === undefined ? await nowLines(turn, series, slice, points) : periodLines(turn, series, points)),
    ...(missing.n === 0 || missing.n === missing.of ? [] : [`⚠️ ${say('chat.metric_missing', missing)}`]),
  ];
  const when = topic.period === undefined ? '' : ` (${periodText(turn, topic.period, range)})`;
  return {
    text: tree(`📈 ${title}${when}`, lines) + caveatLines(say, stats),
    attachments: await metricChart(turn, metric, series, title, points),
    talk: { question },
    followUps: [say('chat.say.yesterday'), say('chat.say.anomalies')],
  };
}

/** Minutes of the period without data, of how many: figures do not have them. What comes after the stream's end is not missing yet. */
function missingMinutes(points: readonly MetricPoint[], { from, to }: TimeRange): { readonly n: number; readonly of: number } {
  const of = Math.max(0, Math.floor((to - Math.ceil(from / MINUTE_MS) * MINUTE_MS) / MINUTE_MS));
  const known = points.filter(({ isKnown, minute }) => isKnown && minute < to).length;
  return { n: Math.max(0, of - known), of };
}

function rangeOf(turn: Turn, { period }: QuestionTopic, end: number): TimeRange {
  if (period === undefined) return { from: end - HOUR_MS, to: end };
  return turn.periods.resolve(period, turn.now);
}

async function nowLines(turn: Turn, metric: SeriesMetric, slice: Slice, points: readonly MetricPoint[]): Promise<string[]> {
  const { say, data } = turn;
  const measured = metricNow(points, metric);
  if (measured === null) return [say('chat.no_data')];
  const now =
    measured.expected !== null
      ? measured
      : { ...measured, ...(await expectedNext(data, metric, slice, { from: measured.from, total: totalOf(points.slice(-5)) })) };
  const value = now.value === null ? say('chat.no_data') : figure(turn, metric, now.value);
  return [
    `${say('chat.metric_now')}: ${value} (${metric === 'rate' ? say('chat.period.range', { from: now.from, to: now.to - MINUTE_MS }) : say('chat.at', { at: now.from })})`,
    `${say('chat.metric_expected')}: ${expectedText(turn, metric, now)}`,
    `${say('chat.metric_hour')}: ${summary(turn, metric, points)}`,
    trend(points),
  ];
}

function periodLines(turn: Turn, metric: SeriesMetric, points: readonly MetricPoint[]): string[] {
  if (points.every(({ value }) => value === null)) return [turn.say('chat.no_data')];
  return [`${turn.say('chat.metric_period')}: ${summary(turn, metric, points)}`, trend(points)];
}

function expectedText(turn: Turn, metric: SeriesMetric, { value, expected, low, high }: MetricNow): string {
  const { say } = turn;
  if (expected === null || low === null || high === null)
    return say(metric === 'rate' && value === null ? 'chat.metric_no_band_now' : 'chat.metric_no_band');
  const band = say('chat.metric_band', {
    expected: figure(turn, metric, expected),
    low: bare(turn, metric, low),
    high: figure(turn, metric, high),
  });
  if (value === null || (value >= low && value <= high)) return band;
  return `${band} ⚠️ ${say(value < low ? 'chat.metric_below' : 'chat.metric_above')}`;
}

/** The whole of the points: a rate over all, or the sum and the mean, with the least and the most. */
function summary(turn: Turn, metric: SeriesMetric, points: readonly MetricPoint[]): string {
  const { say } = turn;
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return say('chat.no_data');
  const count = points.reduce((sum, point) => sum + point.count, 0);
  const ends = { low: figure(turn, metric, Math.min(...values)), high: figure(turn, metric, Math.max(...values)) };
  if (metric === 'rate')
    return say('chat.metric_summary_rate', { ...ends, value: figure(turn, metric, (100 * count) / Math.max(1, totalOf(points))) });
  return say('chat.metric_summary', { ...ends, n: count, mean: figure(turn, metric, count / values.length) });
}

const totalOf = (points: readonly MetricPoint[]): number => points.reduce((sum, { total }) => sum + total, 0);
const trend = (points: readonly MetricPoint[]): string =>
  sparkline(
    thinned(
      points.map(({ value }) => value),
      TREND,
    ),
  );
