import { isJudged } from '@transaction-guardian/contracts/standing.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { countAlerts, listFiringFingerprints, listWorstAlerts } from '../../store/verbs/alert/list-alerts.ts';
import { readAnomalies } from '../../store/verbs/anomaly/list-anomalies.ts';
import type { QuestionTopic } from '../grammar/command.ts';
import type { ShownItem } from '../talk.ts';
import type { Turn } from '../turn.ts';
import { elsewhereParts } from './alerts-elsewhere.ts';
import { anomalyTitle, lostText, placeText, reasonsText } from './anomaly-text.ts';
import { agoText } from './figures.ts';
import { foreignText, nameText } from './name-text.ts';
import { findNamedSlice, type FoundSlice } from './named-slice.ts';
import { button, tree, type Reply } from './reply.ts';
import { caveatLines } from './standing.ts';

/** Alerts of one answer. */
const MOST = 50;
/** Figures of so long ago are of now: a minute closes late, and is judged after that. */
const FRESH_MS = 240_000;
/** Alerts that get buttons. */
const BUTTONS = 3;
export const SEVERITY_MARKS: Readonly<Record<Severity, string>> = { critical: '🔴', warning: '🟡', info: '🔵' };
const NO_FINGERPRINTS: ReadonlySet<string> = new Set();

/** "alertas": what fires now, the worst first, numbered for what may follow. */
export async function replyAlerts(turn: Turn, topic: QuestionTopic): Promise<Reply> {
  const { data, say } = turn;
  const question = { verb: 'alerts', ...topic } as const;
  const found = await findNamedSlice(turn, topic.slice);
  if (found?.kind === 'unknown') return { text: found.text, talk: { question } };
  const wanted = { status: 'firing', ...filterOf(found) } as const;
  // A place that is asked for is of ours: others do not label it as we do.
  const askElsewhere = found === null ? data.heldElsewhere : undefined;
  const [stats, alerts, counts, held, firing, holds] = await Promise.all([
    data.stats.read(),
    listWorstAlerts(data.database, wanted, MOST, turn.locale),
    countAlerts(data.database, wanted),
    askElsewhere?.() ?? null,
    askElsewhere === undefined ? NO_FINGERPRINTS : listFiringFingerprints(data.database),
    (askElsewhere === undefined ? undefined : turn.acts.elsewhere?.holds()) ?? [],
  ]);
  const ours = counts.critical + counts.warning + counts.info;
  const elsewhere = elsewhereParts(turn, held, { own: firing, after: alerts.length, holds });
  const after = elsewhere.blocks.map((block) => `\n\n${block}`).join('');
  if (alerts.length === 0 && elsewhere.count === 0) {
    const heading = isJudged(stats) ? `✅ ${say('chat.alerts.none')}` : `⚠️ ${say('chat.alerts.none_judged')}`;
    return { text: heading + after + caveatLines(say, stats), talk: { list: [], focus: null, question } };
  }
  const anomalies = await readAnomalies(
    data.database,
    alerts.map((alert) => alert.anomaly_id),
  );
  const shown = alerts.map((alert, at) =>
    alertText(turn, alert, anomalies.get(alert.anomaly_id) ?? null, {
      number: at + 1,
      isMissing: elsewhere.missing.has(alert.fingerprint),
    }),
  );
  const hidden = ours - alerts.length;
  const more = hidden > 0 ? `\n\n${say('chat.alerts.more', { n: hidden })}\n${say('chat.alerts.take_all')}` : '';
  return {
    text:
      [`🚨 ${say('chat.alerts.title', { n: Math.max(ours, alerts.length) + elsewhere.count })}`, ...shown].join('\n\n') +
      more +
      after +
      caveatLines(say, stats),
    talk: {
      list: [...alerts.map(itemOf), ...elsewhere.listed],
      focus: alerts.length + elsewhere.listed.length === 1 ? 1 : null,
      question,
    },
    buttons: [
      ...alerts.slice(0, BUTTONS).flatMap((_alert, at) => actionButtons(turn, at + 1)),
      ...elsewhere.listed.slice(0, Math.max(0, BUTTONS - alerts.length)).flatMap((_other, at) => holdButtons(turn, alerts.length + at + 1)),
    ],
    followUps: alerts.length === 0 ? [say('chat.say.silences')] : [say('chat.say.details'), say('chat.say.why')],
  };
}

/** What can be done about an entry of a list, as codes that also work without buttons. */
export function actionButtons(turn: Pick<Turn, 'say'>, number: number) {
  return [...holdButtons(turn, number), button(turn.say('chat.button.runbook', { n: number }), `${number}r`)];
}

/** What can be done about any alert, also of the rules of others. */
function holdButtons({ say }: Pick<Turn, 'say'>, number: number) {
  return [
    button(say('chat.button.ack', { n: number }), `${number}a`, 'primary'),
    button(say('chat.button.snooze', { n: number }), `${number}s`),
  ];
}

const itemOf = ({ anomaly_id, fingerprint, type }: AlertView): ShownItem => ({ anomalyId: anomaly_id, fingerprint, type });

/** A found slice as a filter of lists. */
export function filterOf(found: FoundSlice | null): { merchantId?: string; acquirer?: string; authCode?: string } {
  if (found === null || found.kind === 'unknown') return {};
  const { merchant_id, acquirer, auth_code } = found.slice;
  return {
    ...(merchant_id === undefined ? {} : { merchantId: merchant_id }),
    ...(acquirer === undefined ? {} : { acquirer }),
    ...(auth_code === undefined ? {} : { authCode: auth_code }),
  };
}

function alertText(
  turn: Turn,
  alert: AlertView,
  anomaly: Anomaly | null,
  { number, isMissing }: { readonly number: number; readonly isMissing: boolean },
): string {
  const { say, locale, data } = turn;
  const begun = Date.parse(alert.starts_at);
  const title =
    anomaly === null
      ? [say(`anomaly.type.${alert.type}`), placeText(say, alert.slice)].filter((part) => part !== '').join(' · ')
      : anomalyTitle(say, anomaly);
  const description =
    anomaly === null ? foreignText(alert.description).replaceAll('\n', ' ') : reasonsText(anomaly, locale, data.timeZone, turn.now);
  const lost = anomaly === null ? '' : lostText(say, anomaly, locale);
  return tree(`${SEVERITY_MARKS[alert.severity]} ${title} #${number}`, [
    `${say('chat.alerts.severity')}: ${say(`anomaly.severity.${alert.severity}`)}`,
    `${say('chat.alerts.start')}: ${say('chat.at', { at: alert.starts_at })} (${agoText(locale, turn.now - begun)})`,
    ...(lost === '' ? [] : [`${say('chat.loss')}: ${lost}${asOfText(turn, anomaly)}`]),
    ...holdLines(turn, alert),
    ...(isMissing ? [`⏳ ${say('chat.alerts.not_held')}`] : []),
    ...(description === '' ? [] : [`${say('chat.alerts.description')}: ${description}`]),
  ]);
}

/** ` (até 22:42)`: the detector reports its figures again every few minutes, and older ones are not those of now. */
function asOfText({ say, now }: Turn, anomaly: Anomaly | null): string {
  const at = anomaly?.updated_at;
  return at === undefined || now - Date.parse(at) <= FRESH_MS ? '' : ` ${say('chat.status.until', { at })}`;
}

/** What keeps an alert from notifying people, and who works on it. */
function holdLines({ say }: Turn, alert: AlertView): string[] {
  const { acknowledged_by: owner, acknowledged_at, snoozed_until, silenced_by, inhibited_by } = alert;
  return [
    ...(owner === null ? [] : [`👤 ${say('chat.alerts.owner', { by: nameText(owner.name), at: acknowledged_at ?? '' })}`]),
    ...(snoozed_until === null ? [] : [`💤 ${say('chat.alerts.snoozed', { until: snoozed_until })}`]),
    ...(silenced_by.length === 0 ? [] : [`🔕 ${say('chat.alerts.silenced')}`]),
    ...(inhibited_by.length === 0 ? [] : [say('chat.alerts.inhibited')]),
  ];
}
