import { OPEN_STATES, PRIORITIES } from '@transaction-guardian/contracts/incident-state.ts';
import { isJudged, standingMark, readTraffic } from '@transaction-guardian/contracts/standing.ts';
import { FAULT_TYPES } from '@transaction-guardian/contracts/anomaly-type.ts';
import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import type { Health, Stats } from '@transaction-guardian/contracts/stats.ts';
import { deliveryText, markWithDoubt } from '@transaction-guardian/contracts/text/delivery-text.ts';
import { partText } from '@transaction-guardian/contracts/text/part-text.ts';
import { listAnomalies } from '../../store/verbs/anomaly/list-anomalies.ts';
import { readUptime, type Uptime } from '../../uptime/uptime.ts';
import type { Turn } from '../turn.ts';
import { agoText, lengthText, numberText } from './figures.ts';
import { button, tree, type Reply } from './reply.ts';
import { caveatsOf } from './standing.ts';

/** The record of how the program was goes back so many days. */
const UPTIME_DAYS = 30;
const TRAFFIC_FAULTS = FAULT_TYPES.filter((type) => !SELF_TYPES.includes(type));
const DAY_MS = 86_400_000;
const MOST_OPEN = 100;

/** "status": how the program and the traffic are. */
export async function replyStatus(turn: Turn): Promise<Reply> {
  const { data, say, locale } = turn;
  const [health, stats, uptime, deliveries, incident] = await Promise.all([
    data.health(),
    data.stats.read(),
    readUptime(data.database, data.clock.now(), UPTIME_DAYS),
    data.deliveries(),
    incidentText(turn),
  ]);
  const { transactionsPerMinute: tpm, approvalRate: approval, until } = readTraffic(stats);
  const staleOf = (value: number | null): string =>
    until === null ? '' : ` ${say(value === null ? 'chat.status.last' : 'chat.status.until', { at: until })}`;
  const unjudged = isJudged(stats)
    ? ''
    : ` ${say(stats.judged_until === null ? 'chat.status.unjudged' : 'chat.status.judged', { at: stats.judged_until ?? '' })}`;
  const delivery = deliveryText(locale, deliveries);
  const lines = [
    say('chat.status.api', { state: health.status, uptime: uptimeText(turn, uptime) }),
    `${say('chat.status.tpm')}: ${(tpm === null ? say('chat.no_data') : numberText(locale, Math.round(tpm))) + staleOf(tpm)}`,
    `${say('chat.status.approval')}: ${(approval === null ? say('chat.no_data') : `${numberText(locale, approval, 1)}%`) + staleOf(approval)}`,
    `${say('chat.status.anomalies')}: ${numberText(locale, stats.anomalies_last_hour)}${unjudged}`,
    `${say('chat.status.alerts')}: ${numberText(locale, stats.active_alerts)}${heldText(turn, stats)}${unjudged}`,
    ...caveatsOf(say, stats),
    ...brokenParts(turn, health).map((part) => `⚠️ ${part}`),
    ...(delivery === null ? [] : [delivery]),
    `${say('chat.status.incident')}: ${incident}`,
  ];
  return {
    text: tree(`${markWithDoubt(standingMark(health, stats), deliveries)} ${say('chat.status.title')}`, lines),
    ...(stats.active_alerts + stats.held_alerts > 0
      ? { buttons: [button(say('chat.button.alerts'), say('chat.say.alerts'), 'primary')] }
      : {}),
    followUps: followUps(turn, stats),
  };
}

/** ` (2 retidos)`: alerts that fire and notify nobody are not nothing. */
const heldText = ({ say }: Turn, { held_alerts: n }: Stats): string => (n === 0 ? '' : ` ${say('chat.status.held', { n })}`);

function followUps({ say }: Turn, stats: Stats): string[] {
  return stats.active_alerts + stats.held_alerts > 0
    ? [say('chat.say.alerts'), say('chat.say.details')]
    : [say('chat.say.anomalies'), say('chat.say.approval')];
}

/** Parts that are not well, with what they say. A receiver that fails is named by its own line alone. */
function brokenParts({ locale, data }: Turn, health: Health): string[] {
  return Object.entries(health.checks)
    .filter(([name, check]) => check.status !== 'ok' && name !== 'detector_lag' && !isOfReceivers(check))
    .map(([name, check]) => partText(locale, name, check, { timeZone: data.timeZone, nowMs: data.clock.now() }));
}

const isOfReceivers = ({ reasons = [] }: Health['checks'][string]): boolean =>
  reasons.length > 0 && reasons.every(({ code }) => code === 'part_receiver_failing' || code === 'part_alerts_behind');

/** `uptime 99,97%`: healthy or degraded time of 30 days, or of the record where that is younger. What nobody recorded is not up,
 *  and a share is never rounded up: 99,999 % is not 100. */
function uptimeText({ say, locale }: Turn, uptime: Uptime | null): string {
  if (uptime === null) return say('chat.uptime.none');
  const percent = (share: number): string => numberText(locale, Math.floor(share * 10_000 + 1e-6) / 100, 2);
  const span = uptime.to - uptime.from;
  const notes = [
    ...(span < (UPTIME_DAYS - 0.5) * DAY_MS ? [say('chat.uptime.young', { length: lengthText(span / 60_000) })] : []),
    ...(uptime.unknown >= 0.0001 ? [say('chat.uptime.unknown', { share: percent(uptime.unknown) })] : []),
    ...(uptime.degraded >= 0.0001 ? [say('chat.uptime.degraded', { share: percent(uptime.degraded) })] : []),
  ];
  return [say('chat.uptime.known', { share: percent(uptime.healthy + uptime.degraded) }), ...notes].join(', ');
}

/** The worst open incident, else the last one by the wall clock; without any, the last critical anomaly of the traffic by the clock of the stream, called that. */
async function incidentText({ data, acts, say, locale, now }: Turn): Promise<string> {
  const { items: open } = await acts.incidents.list({ state: [...OPEN_STATES] }, { limit: MOST_OPEN }, locale);
  // The list has the newest first: of one priority it is named.
  const [worst] = open.toSorted((a, b) => PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority));
  const incident = worst ?? (await acts.incidents.list({}, { limit: 1 }, locale)).items[0];
  if (incident !== undefined) {
    const { id, priority, opened_at } = incident;
    const ms = data.clock.now() - Date.parse(opened_at);
    const params = { id, priority, length: lengthText(Math.max(1, ms / 60_000)), ago: agoText(locale, ms) };
    const more = open.length > 1 ? say('chat.status.incident_more', { n: open.length - 1 }) : '';
    return say(worst === undefined ? 'chat.status.incident_last' : 'chat.status.incident_now', params) + more;
  }
  const { items } = await listAnomalies(data.database, { type: TRAFFIC_FAULTS, severity: 'critical' }, { limit: 1 });
  const [last] = items;
  if (last === undefined) return say('chat.status.incident_none');
  const ms = now - Date.parse(last.started_at);
  if (last.status === 'open') return say('chat.status.incident_open', { length: lengthText(ms / 60_000) });
  return say('chat.status.incident_ago', { ago: agoText(locale, ms) });
}
