import { FAULT_TYPES } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly, Money, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import type { Stats } from '@transaction-guardian/contracts/stats.ts';
import { moneyText } from '@transaction-guardian/contracts/text/text.ts';
import { listAnomalies } from '../../store/verbs/anomaly/list-anomalies.ts';
import type { Period } from '../period/period.ts';
import type { Turn } from '../turn.ts';
import { placeText } from './anomaly-text.ts';
import { sparkline } from '@transaction-guardian/contracts/text/sparkline.ts';
import { numberText, thinned } from './figures.ts';
import { filterOf } from './list-alerts.ts';
import { periodText } from './period-text.ts';
import { tree, type Reply } from './reply.ts';
import { caveatLines } from './standing.ts';

const LAST_HOUR: Period = { kind: 'last', amount: 1, unit: 'hour' };
const TREND = 24;
/** Anomalies that one sum adds up. */
const MOST = 1000;

/** How long the API takes, from its own histogram of the last hour. */
export async function replyLatency(turn: Turn, _stats: Stats, slice: Slice): Promise<Reply> {
  const { say, data } = turn;
  const heading = `⏱️ ${say('chat.metric.api_latency')}`;
  if (Object.keys(slice).length > 0) return { text: `${heading}: ${say('chat.metric_whole_only')}` };
  const minutes = data.latency();
  const answered = minutes.filter(({ count }) => count > 0);
  const last = answered.at(-1);
  if (last === undefined) return { text: `${heading}: ${say('chat.latency_none')}` };
  const most = Math.max(...answered.map(({ p99 }) => p99 ?? 0));
  const requests = answered.reduce((sum, { count }) => sum + count, 0);
  return {
    text: tree(heading, [
      `${say('chat.metric_now')}: p50 ${msText(turn, last.p50)}, p99 ${msText(turn, last.p99)} (${say('chat.at', { at: last.minute })})`,
      `${say('chat.latency_hour')}: ${say('chat.latency_summary', { most: msText(turn, most), n: requests, minutes: minutes.length })}`,
      sparkline(
        thinned(
          minutes.map(({ p99 }) => p99),
          TREND,
        ),
      ),
    ]),
  };
}

const msText = ({ locale }: Turn, seconds: number | null): string =>
  seconds === null ? '?' : `${numberText(locale, seconds * 1000, seconds < 0.01 ? 1 : 0)} ms`;

/** What waits to be counted and to be judged. */
export async function replyLag({ say, locale }: Turn, stats: Stats, slice: Slice): Promise<Reply> {
  const heading = `⏱️ ${say('chat.metric.lag')}`;
  if (Object.keys(slice).length > 0) return { text: `${heading}: ${say('chat.metric_whole_only')}` };
  const until = stats.judged_until === null ? say('chat.status.unjudged') : say('chat.status.judged', { at: stats.judged_until });
  return {
    text:
      tree(heading, [
        `${say('chat.lag_records')}: ${numberText(locale, stats.lag_records)}`,
        `${say('chat.lag_minutes')}: ${numberText(locale, stats.minutes_behind)}`,
        `${say('chat.lag_state')}: ${say(`chat.judged.${stats.judged}`)} ${until}`,
      ]) + caveatLines(say, stats),
  };
}

/** What anomalies of the period have cost, and those that are open. */
export async function replyLost(turn: Turn, stats: Stats, slice: Slice, asked: Period = LAST_HOUR): Promise<Reply> {
  const { data, say } = turn;
  const range = turn.periods.resolve(asked, turn.now);
  const { items } = await listAnomalies(
    data.database,
    { type: FAULT_TYPES, ...range, ...filterOf({ kind: 'found', slice }) },
    { limit: MOST },
  );
  const open = items.filter(({ status }) => status === 'open');
  const place = placeText(say, slice);
  const heading = `💸 ${say('chat.metric.lost_amount')}${place === '' ? '' : ` · ${place}`} (${periodText(turn, asked, range)})`;
  return {
    text:
      tree(heading, [
        `${say('chat.lost_open')}: ${sumText(turn, open)}`,
        `${say('chat.metric_period')}: ${sumText(turn, items)}`,
        say('chat.lost_how'),
      ]) + caveatLines(say, stats),
  };
}

/** `~R$ 12,4 mil · 120 aprovadas a menos (2 anomalias)`. */
function sumText({ say, locale }: Turn, anomalies: readonly Anomaly[]): string {
  const sums = new Map<string, number>();
  for (const { lost_by_currency: money, lost_amount: one } of anomalies)
    for (const { currency, amount } of money ?? (one == null ? [] : [one])) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  const money: Money[] = [...sums].map(([currency, amount]) => ({ currency, amount }));
  const lost = anomalies.reduce((sum, { lost_transactions: n }) => sum + n, 0);
  const params = { lost, n: anomalies.length };
  if (anomalies.length === 0) return say('chat.lost_nothing');
  return money.length === 0 ? say('chat.lost_sum', params) : say('chat.lost_sum_money', { ...params, money: moneyText(locale, money) });
}
