import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Database, Sql } from '../../store/database.ts';
import {
  dropNotification,
  queueNotification,
  startAttempt,
  type NewNotification,
  type PendingNotification,
} from '../../store/verbs/notification/notification-queue.ts';
import { saveGroup, takeDueGroups, takeGroup, type NotifyGroup } from '../../store/verbs/notification/notify-groups.ts';
import { readProvenCovers } from '../../store/verbs/proof/covers.ts';
import { readEndedAlerts, readGroupAlerts, type GroupAlerts } from '../../store/verbs/alert/write-alerts.ts';
import { worst } from '../alert-of.ts';
import { holdOf } from '../hold/hold.ts';
import { withOwner } from '../hold/owner-text.ts';
import type { Routing } from '../route/route.ts';
import { missedLines, notHereText, type WordingOptions } from '../wording.ts';
import type { Message, NotifiedAlert } from '@transaction-guardian/contracts/message.ts';
import { notificationId, messageStatus } from './message.ts';
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
  const { group, covered } = await withoutCovered(tx, due);
  const { alerts, states } = await readGroupAlerts(tx, group.groupKey, known(group));
  const holds = holdsOf(states, covered);
  const plan = planMessage({ group, alerts, holds, audience: audienceOf(options, receiver), times: options, now });
  if (plan.kind === 'quiet') return saveGroup(tx, { ...group, told: plan.told, withheld: plan.withheld }, plan.flushAt);
  const numbered = { ...group, messages: group.messages + 1 };
  await queueNotification(tx, await build(tx, options, { group: numbered, plan, states, now }));
  await saveGroup(tx, { ...numbered, queuedAt: now }, plan.flushAt);
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
  const { group, covered } = await withoutCovered(tx, taken);
  const { alerts, states } = await readGroupAlerts(tx, groupKey, known(group));
  const audience = audienceOf(options, receiver);
  const plan = planMessage({ group, alerts, holds: holdsOf(states, covered), audience, times: options, now: at.now, isPending: true });
  if (plan.kind === 'quiet') {
    await dropNotification(tx, pending.id);
    await saveGroup(tx, { ...group, told: plan.told, withheld: plan.withheld }, plan.flushAt);
    return null;
  }
  const message = await build(tx, options, { group, plan, states, now: at.now });
  const offered = new Set([...group.offered, ...plan.firing.map(occurrenceOf)]);
  await saveGroup(tx, { ...group, queuedAt: at.now, offered: [...offered] }, plan.flushAt);
  await startAttempt(tx, pending.id, message, at.retryAt);
  return message;
}

/** Fingerprints that the receiver was notified of, or may have been. */
function known(group: NotifyGroup): string[] {
  return [...Object.keys(group.told), ...group.withheld, ...group.offered.map((occurrence) => occurrence.split(' ')[0] ?? '')];
}

/** A group without what the second channel of its receiver was notified of in its place: a receiver that comes back does not say the
 *  same again, and not that it is over. */
async function withoutCovered(
  tx: Sql,
  group: NotifyGroup,
): Promise<{ readonly group: NotifyGroup; readonly covered: ReadonlySet<string> }> {
  const covers = await readProvenCovers(tx, group.receiver, group.groupKey);
  if (covers.length === 0) return { group, covered: new Set() };
  const occurrences = new Set(
    covers.map(({ fingerprint, startsAt }) => occurrenceOf({ fingerprint, starts_at: new Date(startsAt).toISOString() })),
  );
  const offered = group.offered.filter((occurrence) => !occurrences.has(occurrence));
  const covered = new Set(covers.map(({ fingerprint }) => fingerprint).filter((fingerprint) => group.told[fingerprint] === undefined));
  return { group: { ...group, offered }, covered };
}

function holdsOf(states: GroupAlerts['states'], covered: ReadonlySet<string>): ReadonlyMap<string, 'hidden' | 'acknowledged'> {
  const held = [...states].flatMap(([fingerprint, state]) => {
    const hold = holdOf(state);
    return hold === null ? [] : [[fingerprint, hold] as const];
  });
  return new Map([...held, ...[...covered].map((fingerprint) => [fingerprint, 'hidden' as const] as const)]);
}

function audienceOf({ routing }: QueueOptions, receiver: Receiver): Audience {
  const { severities, send_resolved, name } = receiver;
  return { severities, send_resolved, ...(routing === undefined ? {} : { routed: (labels) => routing(labels).get(name) ?? 'no' }) };
}

/** Says that an alert which left a receiver's list has not ended. */
function withHandOver(alert: Alert, severity: Severity | null, options: WordingOptions): Alert {
  if (severity === null) return alert;
  const line = notHereText(severity, options);
  const longer = Object.fromEntries(
    ['summary', 'message', 'description'].map((name) => [name, `${alert.annotations[name] ?? ''}\n${line}`]),
  );
  return { ...alert, annotations: { ...alert.annotations, ...longer } };
}

interface Building {
  readonly group: NotifyGroup;
  readonly plan: Extract<MessagePlan, { kind: 'send' }>;
  readonly states: GroupAlerts['states'];
  readonly now: number;
}

async function build(tx: Sql, options: QueueOptions, { group, plan, states, now }: Building): Promise<NewNotification> {
  const firing = plan.firing.map((alert) => withOwner(alert, states.get(alert.fingerprint), options));
  const receiver = options.receivers.get(group.receiver);
  const audience = receiver === undefined ? {} : audienceOf(options, receiver);
  const resolved = plan.resolved.map((alert) => withHandOver(alert, handedOverTo(alert, audience), options));
  const ended = group.offered.length === 0 ? [] : await readEndedAlerts(tx, group.offered);
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
