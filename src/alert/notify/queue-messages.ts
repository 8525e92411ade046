import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { text } from '@transaction-guardian/contracts/text/text.ts';
import type { Database, Sql } from '../../store/database.ts';
import {
  dropNotification,
  queueNotification,
  readFiringOf,
  startAttempt,
  type NewNotification,
  type PendingNotification,
} from '../../store/verbs/notification/notification-queue.ts';
import { saveGroup, takeDueGroups, takeGroup, type NotifyGroup } from '../../store/verbs/notification/notify-groups.ts';
import { readEndedAlerts, readGroupAlerts, type GroupAlerts } from '../../store/verbs/alert/write-alerts.ts';
import { worst } from '../alert-of.ts';
import { holdOf } from '../hold/hold.ts';
import { withOwner } from '../hold/owner-text.ts';
import type { Routing } from '../route/route.ts';
import { missedLines, notHereText, type WordingOptions } from '../wording.ts';
import type { Message, NotifiedAlert } from '@transaction-guardian/contracts/message.ts';
import { notificationId, messageStatus } from '../message.ts';
import { noLongerIts, readPassedOn } from './passed-on.ts';
import { handedOverTo, occurrenceOf, planMessage, type Audience, type MessagePlan, type PlanTimes } from './plan.ts';
import type { Receiver } from './receiver-schema.ts';

export interface QueueOptions extends PlanTimes, WordingOptions {
  /** The configured receivers by name; groups of others are left quiet. */
  readonly receivers: ReadonlyMap<string, Receiver>;
  /** Address of the console; '' for none. */
  readonly externalUrl: string;
  /** Which receivers get an alert; default every one. */
  readonly routing?: Routing | undefined;
  /** Only this group; default all. */
  readonly groupKey?: string | undefined;
}

const GROUPS_A_TRANSACTION = 50;

/** Puts a message into the queue for each group that is due at `now` (epoch milliseconds) and has something to tell, and notes
 *  when the group is due again; both commit together, a batch of groups at a time. */
export async function queueMessages(database: Database, options: QueueOptions, now: number): Promise<void> {
  for (let full = true; full;) {
    const groups = await database.transaction(async (tx) => {
      const due = await takeDueGroups(tx, now, GROUPS_A_TRANSACTION, options.groupKey);
      for (const group of due) await queueMessage(tx, options, group, now);
      return due;
    });
    full = groups.length === GROUPS_A_TRANSACTION;
  }
}

async function queueMessage(tx: Sql, options: QueueOptions, due: NotifyGroup, now: number): Promise<void> {
  const receiver = options.receivers.get(due.receiver);
  if (receiver === undefined) return saveGroup(tx, due, null);
  const planned = await planGroup(tx, options, { group: due, receiver, now, pending: null });
  const { group, plan, flushAt } = planned;
  if (plan.kind === 'quiet') return saveGroup(tx, { ...group, told: plan.told, withheld: plan.withheld }, flushAt);
  const numbered = { ...group, messages: group.messages + 1 };
  await queueNotification(tx, await build(tx, wordsFor(options, receiver), { ...planned, group: numbered, plan, now }));
  await saveGroup(tx, { ...numbered, queuedAt: now }, flushAt);
}

/** Builds a pending message again, from the alerts as they are now, and notes the attempt: what ended before a receiver took
 *  a message about it is not sent as firing. A message that has nothing left to say is dropped: then null. `retryAt`: when
 *  to send again should the process die in the attempt. Times are epoch milliseconds. */
export async function renewMessage(
  tx: Sql,
  options: QueueOptions,
  pending: PendingNotification,
  at: { readonly now: number; readonly retryAt: number },
): Promise<NewNotification | null> {
  const { receiver: name, groupKey } = pending;
  const [receiver, taken] = [options.receivers.get(name), await takeGroup(tx, name, groupKey)];
  if (taken === null || receiver === undefined) {
    await dropNotification(tx, pending.id);
    return null;
  }
  const planned = await planGroup(tx, options, { group: taken, receiver, now: at.now, pending: pending.id });
  const { group, plan, flushAt } = planned;
  if (plan.kind === 'quiet') {
    await dropNotification(tx, pending.id);
    await saveGroup(tx, { ...group, told: plan.told, withheld: plan.withheld }, flushAt);
    return null;
  }
  const message = await build(tx, wordsFor(options, receiver), { ...planned, plan, now: at.now });
  const begun = plan.firing.map((alert) => {
    const before = group.offered[occurrenceOf(alert)];
    return [occurrenceOf(alert), before === undefined || before === 'failed' ? 'sending' : 'unanswered'] as const;
  });
  await saveGroup(tx, { ...group, queuedAt: at.now, offered: { ...group.offered, ...Object.fromEntries(begun) } }, flushAt);
  await startAttempt(tx, pending.id, message, at.retryAt);
  return message;
}

/** The options of a message to a receiver: in its language. */
const wordsFor = (options: QueueOptions, { language }: Receiver): QueueOptions =>
  language === undefined ? options : { ...options, locale: language };

interface Planned {
  readonly group: NotifyGroup;
  readonly plan: MessagePlan;
  readonly states: GroupAlerts['states'];
  readonly audience: Audience;
  readonly insteadOf: ReadonlyMap<string, string>;
  readonly flushAt: number | null;
}

/** What to do about a group of a receiver now, with what second channels change about it. */
async function planGroup(
  tx: Sql,
  options: QueueOptions,
  {
    group: taken,
    receiver,
    now,
    pending,
  }: { readonly group: NotifyGroup; readonly receiver: Receiver; readonly now: number; readonly pending: string | null },
): Promise<Planned> {
  const passed = await readPassedOn(tx, taken, options.repeatIntervalMs, now);
  const { group, covered, coveredUntil, settled, insteadOf } = passed;
  const { locale } = wordsFor(options, receiver);
  const { alerts, states } = await readGroupAlerts(tx, group.groupKey, { told: known(group), locale });
  const audience = { ...audienceOf(options, receiver), passedOn: passed.hears };
  const quieted = noLongerIts(alerts, passed, ({ labels, severity }) => {
    const isListed = audience.severities === undefined || audience.severities.includes(severity);
    return isListed && (audience.routed === undefined || audience.routed(labels) !== 'no');
  });
  const holds = holdsOf(states, { covered, quieted });
  // A message that was about what the other channel has by now is not sent for the rest of it, which is known.
  const isPending = pending !== null && (settled.size === 0 || !(await readFiringOf(tx, pending)).some((one) => settled.has(one)));
  const plan = planMessage({ group, alerts, holds, audience, times: options, now, isPending });
  const flushAt = coveredUntil === null ? plan.flushAt : Math.min(coveredUntil, plan.flushAt ?? coveredUntil);
  return { group, plan, states, audience, insteadOf, flushAt };
}

/** Fingerprints that the receiver was notified of, or may have been. */
function known(group: NotifyGroup): string[] {
  return [...Object.keys(group.told), ...group.withheld, ...Object.keys(group.offered).map((occurrence) => occurrence.split(' ')[0] ?? '')];
}

/** What holds alerts back from a receiver, by fingerprint: what people, silences and inhibition do, and its second channel. */
function holdsOf(
  states: GroupAlerts['states'],
  { covered, quieted }: { readonly covered: ReadonlySet<string>; readonly quieted: readonly string[] },
): ReadonlyMap<string, 'hidden' | 'acknowledged'> {
  const held = [...states].flatMap(([fingerprint, state]) => {
    const hold = holdOf(state);
    return hold === null ? [] : [[fingerprint, hold] as const];
  });
  return new Map<string, 'hidden' | 'acknowledged'>([
    ...quieted.map((fingerprint) => [fingerprint, 'acknowledged'] as const),
    ...held,
    ...[...covered].map((fingerprint) => [fingerprint, 'hidden'] as const),
  ]);
}

function audienceOf({ routing }: QueueOptions, receiver: Receiver): Audience {
  const { severities, send_resolved, name } = receiver;
  return { severities, send_resolved, ...(routing === undefined ? {} : { routed: (labels) => routing(labels).get(name) ?? 'no' }) };
}

/** Says that an alert which left a receiver's list has not ended. */
function withHandOver(alert: Alert, severity: Severity | null, options: WordingOptions): Alert {
  return severity === null ? alert : withLine(alert, notHereText(severity, options));
}

/** Says in whose place the receiver is notified. */
function withFirst(alert: Alert, receiver: string | undefined, options: WordingOptions): Alert {
  return receiver === undefined ? alert : withLine(alert, text(options.locale, 'notify.backup', { receiver }));
}

/** The alert with a line in each text that a channel may show. */
function withLine(alert: Alert, line: string): Alert {
  const longer = ['summary', 'message', 'description'].map((name) => [name, `${alert.annotations[name] ?? ''}\n${line}`]);
  return { ...alert, annotations: { ...alert.annotations, ...Object.fromEntries(longer) } };
}

interface Building extends Pick<Planned, 'group' | 'states' | 'audience' | 'insteadOf'> {
  readonly plan: Extract<MessagePlan, { kind: 'send' }>;
  readonly now: number;
}

async function build(
  tx: Sql,
  options: QueueOptions,
  { group, plan, states, audience, insteadOf, now }: Building,
): Promise<NewNotification> {
  const firing = plan.firing.map((alert) =>
    withFirst(withOwner(alert, states.get(alert.fingerprint), options), insteadOf.get(occurrenceOf(alert)), options),
  );
  const resolved = plan.resolved.map((alert) => withHandOver(alert, handedOverTo(alert, audience), options));
  const offered = Object.keys(group.offered);
  const ended = offered.length === 0 ? [] : await readEndedAlerts(tx, offered, options.locale);
  const missed = missedLines(
    ended.filter((alert) => group.told[alert.fingerprint] === undefined),
    options,
    now,
  );
  const about = { receiver: group.receiver, groupKey: group.groupKey, externalUrl: options.externalUrl };
  const message: Message = { ...about, firing: firing.map(notifiedOf), resolved: resolved.map(notifiedOf), missed };
  return {
    id: notificationId(group.receiver, group.groupKey, group.messages, plan.contentHash),
    receiver: group.receiver,
    groupKey: group.groupKey,
    status: messageStatus(message),
    severity: worst((firing.length > 0 ? firing : resolved).map((alert) => alert.severity)),
    contentHash: plan.contentHash,
    message,
    tells: plan.notified,
    withholds: plan.withholds,
    createdAt: now,
  };
}

/** The part of an alert that messages are made of. */
function notifiedOf({ status, severity, labels, annotations, starts_at, ends_at, fingerprint }: Alert): NotifiedAlert {
  return { status, severity, labels, annotations, starts_at, ends_at, fingerprint };
}
