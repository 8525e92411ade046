import { isJudged } from '@transaction-guardian/contracts/standing.ts';
import { FAULT_TYPES } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { listAnomalies } from '../../store/verbs/anomaly/list-anomalies.ts';
import { readMinutes } from '../../store/verbs/minute/read-minutes.ts';
import type { QuestionTopic } from '../grammar/command.ts';
import type { Period, TimeRange } from '../period/period.ts';
import type { Turn } from '../turn.ts';
import { anomalyTitle } from './anomaly-text.ts';
import { lengthText, numberText } from './figures.ts';
import { filterOf } from './list-alerts.ts';
import { findNamedSlice } from './named-slice.ts';
import { periodText } from './period-text.ts';
import { tree, type Reply } from './reply.ts';
import { caveatLines } from './standing.ts';

/** Anomalies of one answer; the newest ones are kept. */
const MOST = 100;
const LAST_HOUR: Period = { kind: 'last', amount: 1, unit: 'hour' };
const MINUTE_MS = 60_000;

/** "anomalias últimas 2 horas": what began or went on in the period, in order of time. Without a period: the last hour. */
export async function replyAnomalies(turn: Turn, topic: QuestionTopic): Promise<Reply> {
  const { data, say } = turn;
  const question = { verb: 'anomalies', ...topic } as const;
  const found = await findNamedSlice(turn, topic.slice, topic.period);
  if (found?.kind === 'unknown') return { text: found.text, talk: { question } };
  const stats = await data.stats.read();
  const period = topic.period ?? LAST_HOUR;
  const range = turn.periods.resolve(period, turn.now);
  const [page, gaps] = await Promise.all([
    listAnomalies(data.database, { type: FAULT_TYPES, ...range, ...filterOf(found) }, { limit: MOST }),
    gapsText(turn, range, stats.judged_until),
  ]);
  const anomalies = page.items.toReversed();
  const when = periodText(turn, period, range);
  const talk = {
    list: anomalies.map(itemOf),
    focus: anomalies.length === 1 ? 1 : null,
    question,
  };
  const notes = `${gaps === '' ? '' : `\n\n⚠️ ${gaps}`}${caveatLines(say, stats)}`;
  if (anomalies.length === 0) {
    const isFine = isJudged(stats) && gaps === '';
    return {
      text: `${isFine ? '✅' : '⚠️'} ${say(isFine ? 'chat.anomalies.none' : 'chat.anomalies.none_judged', { when })}${notes}`,
      talk,
    };
  }
  const texts = anomalies.map((anomaly, at) => anomalyText(turn, anomaly, at + 1));
  const cut = page.next === null ? '' : `${say('chat.anomalies.more', { n: MOST })}\n\n`;
  return {
    text: `🔍 ${say('chat.anomalies.title', { when })}:\n\n${cut}${texts.join('\n\n')}\n\n${totalText(turn, anomalies)}${notes}`,
    talk,
    followUps: [say('chat.say.details'), say('chat.say.why')],
  };
}

const itemOf = ({ id, type }: Anomaly) => ({ anomalyId: id, fingerprint: null, type });

function anomalyText({ say, locale }: Turn, anomaly: Anomaly, number: number): string {
  const isOpen = anomaly.status === 'open';
  return tree(`${say('chat.at', { at: anomaly.started_at })} - ${anomalyTitle(say, anomaly)} #${number}`, [
    `${say('chat.anomalies.ml')}: ${numberText(locale, anomaly.peak.ml_score, 2)}`,
    `${say('chat.anomalies.z')}: ${numberText(locale, anomaly.peak.z_score, 1)}`,
    `${say('chat.anomalies.status')}: ${say(isOpen ? 'chat.anomalies.open' : 'chat.anomalies.resolved')}`,
    `${say('chat.anomalies.length')}: ${lengthText(anomaly.duration_minutes)}`,
  ]);
}

/** "Total: 2 anomalias, ambas resolvidas". */
function totalText({ say }: Turn, anomalies: readonly Anomaly[]): string {
  const n = anomalies.length;
  const resolved = anomalies.filter(({ status }) => status === 'resolved').length;
  const which =
    n === 1
      ? resolved === 1
        ? 'one_resolved'
        : 'one_open'
      : resolved === n
        ? n === 2
          ? 'both_resolved'
          : 'all_resolved'
        : resolved === 0
          ? 'none_resolved'
          : 'some_resolved';
  return say(`chat.anomalies.total_${which}`, { n, resolved });
}

/** Minutes of the period that nobody judged: not closed, silent, refused in part, or not judged yet; '' when there are none. */
async function gapsText({ data, say, now }: Turn, { from, to }: TimeRange, judgedUntil: string | null): Promise<string> {
  const rows = await readMinutes(data.database, { from, to });
  const until = judgedUntil === null ? Number.NEGATIVE_INFINITY : Date.parse(judgedUntil);
  const judged = rows.filter(({ minute, state }) => (state === 'observed' || state === 'zero') && minute + MINUTE_MS <= until).length;
  // The newest minutes wait for late records.
  const due = Math.floor((Math.min(to, now - DUE_MINUTES * MINUTE_MS) - from) / MINUTE_MS);
  const missing = due - judged;
  return missing > 0 ? say('chat.anomalies.gaps', { n: missing, of: due }) : '';
}

/** Minutes before now that may still be open. */
const DUE_MINUTES = 5;
