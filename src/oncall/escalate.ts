import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { EscalationPolicy, EscalationStep } from '@transaction-guardian/contracts/escalation.ts';
import type { Message } from '@transaction-guardian/contracts/message.ts';
import { text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { groupKeyFor } from '../alert/group.ts';
import { notificationId } from '../alert/message.ts';
import { hearsEnd } from '../alert/notify/hears-end.ts';
import type { Database, Sql } from '../store/database.ts';
import { lockStates, readHeldAlerts, type HeldAlert } from '../store/verbs/alert/alert-states.ts';
import { readAlertsOf, type StoredAlert } from '../store/verbs/alert/write-alerts.ts';
import { dropNotices, queueNotice } from '../store/verbs/notification/notification-queue.ts';
import {
  beginEscalation,
  endEscalation,
  readEscalations,
  readPauses,
  restartEscalations,
  writeEscalationStep,
  type EscalationRow,
} from '../store/verbs/oncall/escalations.ts';
import { planEscalation, type QuietHours } from './escalation.ts';

export interface EscalateOptions {
  readonly policies: readonly EscalationPolicy[];
  /** What can wait, and when it does; null: nothing waits. */
  readonly quiet: { readonly hours: QuietHours; readonly severities: readonly Severity[] } | null;
  /** Ids of who is on call of these schedules at a time. */
  readonly onCall: (schedules: readonly string[], time: number) => Promise<readonly string[]>;
  readonly nameOf: (person: string) => string;
  /** Language of a receiver. */
  readonly localeOf: (receiver: string) => Locale;
  /** Address of the console; '' for none. */
  readonly externalUrl: string;
  /** The configured receivers. Default: each is a target of its own and takes ends. */
  readonly receivers?: readonly EscalationReceiver[];
  /** After so long a receiver is notified again of an alert that still fires, milliseconds. */
  readonly repeatIntervalMs: number;
  /** So long after an alert is inhibited no more its first message comes, milliseconds. */
  readonly groupIntervalMs: number;
}

/** What the end of an escalation needs to know of a receiver. */
export interface EscalationReceiver {
  readonly name: string;
  readonly send_resolved: boolean;
  /** Equal for receivers that are one conversation. */
  readonly target: string;
}

/** Ended escalations are kept so long. */
const KEPT_MS = 30 * 86_400_000;

/** Takes the steps that are due at `now` (epoch milliseconds, wall clock): puts their messages into the queue and notes them, in one
 *  transaction, so that each is taken once, whoever else does the same and wherever it stops. An acknowledgement that is there
 *  before stops it. When the alert is over, receivers that got a step are notified of that. Throws STORE_UNAVAILABLE. */
export async function escalateDue(database: Database, options: EscalateOptions, now: number): Promise<void> {
  // Who is on call is read before the transaction, in which only its own statements may run.
  const people = await peopleOf(options, now);
  await database.transaction(async (tx) => {
    await lockStates(tx);
    const firing = (await readHeldAlerts(tx)).filter(({ backfill }) => !backfill);
    for (const { anomalyId, severity } of firing)
      if (policyOf(options, severity) !== undefined) await beginEscalation(tx, anomalyId, severity, now);
    await waitForInhibited(tx, options, firing, now);
    const open = await readEscalations(tx);
    const pauses = await readPauses(
      tx,
      open.map(({ anomalyId }) => anomalyId),
    );
    const alerts = await readAlertsOf(
      tx,
      open.map(({ anomalyId }) => anomalyId),
    );
    const fires = new Set(firing.map(({ anomalyId }) => anomalyId));
    for (const row of open) {
      const held = firing.find(({ anomalyId, severity }) => anomalyId === row.anomalyId && severity === row.severity);
      const alert = alerts.get(row.anomalyId);
      if (held === undefined || alert === undefined || held.state.inhibited_by.length > 0) continue;
      const own = pauses.filter((one) => one.anomalyId === row.anomalyId && (one.severity ?? row.severity) === row.severity);
      await takeSteps(tx, options, { row, alert, pauses: own, people, now });
    }
    const over = Map.groupBy(
      open.filter(({ anomalyId }) => !fires.has(anomalyId)),
      ({ anomalyId }) => anomalyId,
    );
    for (const [anomalyId, rows] of over) await finish(tx, options, { rows, alert: alerts.get(anomalyId), now });
  });
}

/** Of what another alert inhibits nobody is notified: its steps count from when somebody will be, not all at once from its beginning. */
async function waitForInhibited(tx: Sql, { groupIntervalMs }: EscalateOptions, firing: readonly HeldAlert[], now: number): Promise<void> {
  const inhibited = firing.filter(({ state }) => state.inhibited_by.length > 0);
  // Not at each look: a storm is a thousand rows.
  await restartEscalations(tx, inhibited, { at: now + groupIntervalMs, ifBefore: now + groupIntervalMs / 2 });
}

interface Taking {
  readonly row: EscalationRow;
  readonly alert: StoredAlert;
  readonly pauses: readonly { readonly from: number; readonly until: number | null }[];
  readonly people: ReadonlyMap<EscalationStep, readonly string[]>;
  readonly now: number;
}

async function takeSteps(tx: Sql, options: EscalateOptions, { row, alert, pauses, people, now }: Taking): Promise<void> {
  const steps = policyOf(options, row.severity)?.steps ?? [];
  const quiet = options.quiet?.severities.includes(row.severity) === true ? options.quiet.hours : null;
  const taken = new Set(row.steps.map(({ step }) => step));
  const hurried = hurriedStep(row, steps.length);
  for (const { step, at } of planEscalation({ steps, startedAt: row.beganAt, pauses, quiet })) {
    const what = steps[step];
    if (at === null || (at > now && step !== hurried) || taken.has(step) || what === undefined) continue;
    await takeStep(tx, options, { row, alert, step, people: people.get(what) ?? [], now });
  }
}

/** The step that is due before its time; null for none: nothing has hurried since the last one was taken. */
function hurriedStep({ hurriedAt, steps: taken }: EscalationRow, count: number): number | null {
  if (hurriedAt === null || taken.some(({ at }) => at >= hurriedAt)) return null;
  const next = Array.from({ length: count }, (_, index) => index).find((index) => !taken.some(({ step }) => step === index));
  return next ?? null;
}

/** Takes one step: notes it and puts its messages into the queue. A step that the policy does not have does nothing. */
export async function takeStep(
  tx: Sql,
  options: EscalateOptions,
  {
    row,
    alert,
    step,
    people,
    now,
  }: {
    readonly row: Pick<EscalationRow, 'anomalyId' | 'severity'>;
    readonly alert: StoredAlert;
    readonly step: number;
    readonly people: readonly string[];
    readonly now: number;
  },
): Promise<void> {
  const what = policyOf(options, row.severity)?.steps[step];
  if (what === undefined) return;
  await writeEscalationStep(tx, row, { step, at: now, people, receivers: what.receivers });
  for (const receiver of oneOfEachConversation(options, what.receivers)) {
    const line = lineOf(options, receiver, step, people);
    await queue(tx, options, { receiver, alert: withLine(alertFor(options, receiver, alert), line), number: step, now });
  }
}

/** Ends the escalations of an anomaly, one for each severity that it had: each conversation that got a step is notified once that it
 *  fires no more. Who hears of that by the messages of the alert's group does not hear of it here too. */
async function finish(
  tx: Sql,
  options: EscalateOptions,
  { rows, alert, now }: { readonly rows: readonly EscalationRow[]; readonly alert: StoredAlert | undefined; readonly now: number },
): Promise<void> {
  for (const { anomalyId, severity } of rows) await endEscalation(tx, anomalyId, severity, { at: now, forgetBefore: now - KEPT_MS });
  if (alert === undefined) return;
  const steps = rows.flatMap((row) => row.steps);
  const notified = new Set<string>();
  for (const receiver of new Set(steps.flatMap(({ receivers }) => receivers))) {
    const { target, takers } = conversationOf(options, receiver);
    for (const name of takers) if (await hearsEnd(tx, name, alert, { ...options, now })) notified.add(target);
    if (notified.has(target) || !takers.includes(receiver)) await dropNotices(tx, receiver, escalationGroup(alert.alert.anomaly_id));
    else await queue(tx, options, { receiver, alert: alertFor(options, receiver, alert), number: steps.length, now });
    if (takers.includes(receiver)) notified.add(target);
  }
}

/** The first receiver of each conversation, in order. */
function oneOfEachConversation(options: EscalateOptions, receivers: readonly string[]): string[] {
  const first = new Map<string, string>();
  for (const receiver of receivers) {
    const { target } = conversationOf(options, receiver);
    if (!first.has(target)) first.set(target, receiver);
  }
  return [...first.values()];
}

/** The conversation that a receiver is, and the receivers that it is and that are notified of ends. */
function conversationOf({ receivers = [] }: EscalateOptions, receiver: string): { readonly target: string; readonly takers: string[] } {
  const target = receivers.find(({ name }) => name === receiver)?.target ?? receiver;
  const same = receivers.filter((one) => one.target === target);
  return { target, takers: same.length === 0 ? [receiver] : same.filter((one) => one.send_resolved).map(({ name }) => name) };
}

const escalationGroup = (anomalyId: string): string => groupKeyFor({ scope: 'escalation', anomaly_id: anomalyId });

async function queue(
  tx: Sql,
  { externalUrl }: EscalateOptions,
  { receiver, alert, number, now }: { readonly receiver: string; readonly alert: Alert; readonly number: number; readonly now: number },
): Promise<void> {
  const groupKey = escalationGroup(alert.anomaly_id);
  const { status, severity, labels, annotations, starts_at, ends_at, fingerprint } = alert;
  const one = { status, severity, labels, annotations, starts_at, ends_at, fingerprint };
  const parts = status === 'firing' ? { firing: [one], resolved: [] } : { firing: [], resolved: [one] };
  const message: Message = { receiver, groupKey, ...parts, missed: [], externalUrl };
  const contentHash = `${status} ${fingerprint} ${starts_at} ${number}`;
  const id = notificationId(receiver, groupKey, number, contentHash);
  await queueNotice(tx, { id, receiver, groupKey, status, severity, contentHash, message, createdAt: now });
}

/** Who each step is for, now. */
export async function peopleOf(
  { policies, onCall }: EscalateOptions,
  now: number,
): Promise<ReadonlyMap<EscalationStep, readonly string[]>> {
  const entries = policies
    .flatMap(({ steps }) => steps)
    .map(async (step) => [step, [...new Set([...(await onCall(step.schedules, now)), ...step.people])]] as const);
  return new Map(await Promise.all(entries));
}

/** The policy of a severity. */
export function policyOf({ policies }: EscalateOptions, severity: Severity): EscalationPolicy | undefined {
  return policies.find(({ severities }) => severities.includes(severity));
}

const alertFor = ({ localeOf }: EscalateOptions, receiver: string, { alert, translations }: StoredAlert): Alert =>
  translations[localeOf(receiver)] ?? alert;

function lineOf({ localeOf, nameOf }: EscalateOptions, receiver: string, step: number, people: readonly string[]): string {
  const locale = localeOf(receiver);
  const who = people.length === 0 ? text(locale, 'oncall.nobody') : people.map(nameOf).join(', ');
  return text(locale, 'oncall.step', { step: step + 1, who });
}

/** The alert with whom the step is for, in each text that a channel may show. */
function withLine(alert: Alert, line: string): Alert {
  const texts = ['summary', 'message', 'description'].map((name) => [name, `${alert.annotations[name] ?? ''}\n${line}`]);
  return { ...alert, annotations: { ...alert.annotations, ...Object.fromEntries(texts) } };
}
