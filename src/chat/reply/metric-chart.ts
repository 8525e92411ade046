import type { ChatAttachment } from '@transaction-guardian/contracts/chat.ts';
import { drawChart } from '../chart/draw-chart.ts';
import type { MetricId } from '../grammar/metric-names.ts';
import type { MetricPoint, SeriesMetric } from '../metric/series.ts';
import type { Turn } from '../turn.ts';
import { bare, figure } from './metric-figure.ts';

/** Points that make a picture. */
const LEAST = 5;

/** The picture of a metric, from the minutes that the answer shows of; none of less than five. */
export async function metricChart(
  turn: Turn,
  metric: MetricId,
  series: SeriesMetric,
  title: string,
  points: readonly MetricPoint[],
): Promise<ChatAttachment[]> {
  const { say, data } = turn;
  const known = points.filter(({ value }) => value !== null);
  const last = known.at(-1);
  if (known.length < LEAST || last === undefined) return [];
  const now = figure(turn, series, last.value ?? 0);
  const dayAndTime = (points.at(-1)?.minute ?? 0) - (points[0]?.minute ?? 0) >= 24 * 3_600_000;
  const format = new Intl.DateTimeFormat('pt-BR', {
    ...(dayAndTime ? ({ day: '2-digit', month: '2-digit' } as const) : {}),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: data.timeZone,
  });
  const words = {
    title: title.replaceAll(/[\u2066-\u2069]/g, ''),
    now,
    value: say('chat.chart.value'),
    expected: say('chat.chart.expected'),
    number: (value: number) => bare(turn, series, value),
    time: (ms: number) => format.format(ms).replace(', ', ' '),
  };
  const limits = { low: 0, high: series === 'rate' ? 100 : Number.POSITIVE_INFINITY };
  const { data: png, width, height } = await drawChart(points, words, limits);
  const name = `${metric.replaceAll('_', '-')}.png`;
  const description = say('chat.chart.description', { title, now, from: points[0]?.minute ?? 0, to: points.at(-1)?.minute ?? 0 });
  return [{ type: 'image/png', name, description, width, height, data: png.toString('base64') }];
}
