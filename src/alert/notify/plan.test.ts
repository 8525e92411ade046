import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { NotifyGroup } from '../../store/verbs/notification/notify-groups.ts';
import { alertFor, anomalyOf, resolvedOf } from '../test-anomaly.ts';
import { occurrenceOf, planMessage, type Audience, type PlanInput } from './plan.ts';

const TIMES = { groupIntervalMs: 60_000, repeatIntervalMs: 3_600_000 };
const EVERYONE: Audience = { send_resolved: true };
const NOW = 1_000_000_000;

function groupOf(changes: Partial<NotifyGroup> = {}): NotifyGroup {
  return { receiver: 'r', groupKey: 'g', queuedAt: null, messages: 0, told: {}, offered: {}, withheld: [], ...changes };
}

const firing = (severity: Severity = 'warning'): Alert => alertFor(anomalyOf({ severity }));
const ended = (): Alert => alertFor(resolvedOf());
const told = (): NotifyGroup['told'] => ({ [firing().fingerprint]: [] });

const planOf = (input: Partial<PlanInput>) =>
  planMessage({ group: groupOf(), alerts: [], audience: EVERYONE, times: TIMES, now: NOW, ...input });

test('a new alert is reported, and looked at again after the repeat interval', () => {
  const plan = planOf({ alerts: [firing()] });
  assert.equal(plan.kind, 'send');
  assert.equal(plan.flushAt, NOW + TIMES.repeatIntervalMs);
  assert.deepEqual(plan.kind === 'send' && plan.notified, told());
});

test('an alert that resolved before it was reported is not reported', () => {
  assert.deepEqual(planOf({ alerts: [ended()] }), { kind: 'quiet', told: {}, withheld: [], flushAt: null });
});

test('what is known and unchanged is reported again only after the repeat interval', () => {
  const group = groupOf({ told: told(), queuedAt: NOW - 1_800_000, messages: 1 });
  const early = planOf({ group, alerts: [firing()] });
  assert.deepEqual(early, { kind: 'quiet', told: told(), withheld: [], flushAt: NOW + 1_800_000 });
  assert.equal(planOf({ group, alerts: [firing()], now: NOW + 1_800_000 }).kind, 'send');
});

test('another place is news; a place that is no longer named is not', () => {
  const at = (...merchants: string[]): Alert => ({ ...firing(), slice: Object.fromEntries(merchants.map((one) => ['merchant_id', one])) });
  const group = groupOf({ told: { [firing().fingerprint]: ['merchant_id=a'] }, queuedAt: NOW - 61_000, messages: 1 });
  assert.equal(planOf({ group, alerts: [at('a')] }).kind, 'quiet');
  assert.equal(planOf({ group, alerts: [at()] }).kind, 'quiet');
  const plan = planOf({ group, alerts: [at('b')] });
  assert.deepEqual(plan.kind === 'send' && plan.notified, { [firing().fingerprint]: ['merchant_id=b'] });
});

test('a known alert that resolved is reported once, and then nothing is left to do', () => {
  const plan = planOf({ group: groupOf({ told: told(), queuedAt: NOW - 61_000 }), alerts: [ended()] });
  assert.ok(plan.kind === 'send');
  assert.deepEqual([plan.firing.length, plan.resolved.length, plan.notified, plan.flushAt], [0, 1, {}, null]);
});

test('a receiver without resolved notices forgets the alert quietly', () => {
  const plan = planOf({ group: groupOf({ told: told(), queuedAt: NOW }), alerts: [ended()], audience: { send_resolved: false } });
  assert.deepEqual(plan, { kind: 'quiet', told: {}, withheld: [], flushAt: null });
});

test('a warning before the threshold goes only to those who name information', () => {
  const warning = alertFor(anomalyOf({ type: 'drift_warning', severity: 'info' }));
  assert.equal(planOf({ alerts: [warning] }).kind, 'quiet');
  assert.equal(planOf({ alerts: [warning], audience: { severities: ['critical', 'warning'], send_resolved: true } }).kind, 'quiet');
  assert.equal(planOf({ alerts: [warning], audience: { severities: ['info'], send_resolved: true } }).kind, 'send');
});

test('severities outside the filter of a receiver are not sent, but an alert that it was notified of is followed to its end', () => {
  const critical: Audience = { severities: ['critical'], send_resolved: true };
  assert.equal(planOf({ alerts: [firing('warning')], audience: critical }).kind, 'quiet');
  const urgent = firing('critical');
  const group = groupOf({ told: { [urgent.fingerprint]: [] }, queuedAt: NOW - 61_000 });
  const plan = planOf({ group, alerts: [{ ...urgent, status: 'resolved' }, firing('warning')], audience: critical });
  assert.deepEqual(plan.kind === 'send' && [plan.firing.length, plan.resolved.length], [0, 1]);
});

test('a message on its way says what is true now: what fires, and the end of what it may have told', () => {
  const offered = groupOf({ queuedAt: NOW, messages: 1, offered: { [occurrenceOf(firing())]: 'failed' } });
  const still = planOf({ group: offered, alerts: [firing()], now: NOW + 1, isPending: true });
  assert.deepEqual([still.kind, still.kind === 'send' && still.firing.length], ['send', 1]);
  const over = planOf({ group: offered, alerts: [ended()], now: NOW + 1, isPending: true });
  assert.deepEqual(over.kind === 'send' && [over.firing.length, over.resolved.length, over.notified], [0, 1, {}]);
  assert.equal(
    planOf({ group: offered, alerts: [ended()], audience: { send_resolved: false }, now: NOW + 1, isPending: true }).kind,
    'quiet',
  );
  assert.equal(planOf({ alerts: [ended()], now: NOW + 1, isPending: true }).kind, 'quiet');
});

test('a repeat on its way goes on although nothing is new', () => {
  const group = groupOf({ told: told(), queuedAt: NOW, messages: 2 });
  assert.equal(planOf({ group, alerts: [firing()], now: NOW + 1, isPending: true }).kind, 'send');
});

test('what the routes do not give to a receiver is not sent; an escalation that they take away is said', () => {
  const routed = ({ severity }: Readonly<Record<string, string>>) => (severity === 'critical' ? 'no' : 'yes');
  const audience: Audience = { send_resolved: false, routed };
  assert.equal(planOf({ alerts: [firing('critical')], audience }).kind, 'quiet');
  const replaced: Alert = { ...ended(), annotations: { escalated_to: 'critical' } };
  const plan = planOf({ group: groupOf({ told: told() }), alerts: [replaced], audience });
  assert.ok(plan.kind === 'send' && plan.resolved.length === 1);
});

test('a hidden alert is in no message and keeps what the receiver knows; an acknowledged one is in messages and causes none', () => {
  const [one, other] = [firing(), { ...firing('critical'), fingerprint: 'f2' }];
  const holds = new Map([[one.fingerprint, 'hidden' as const]]);
  const knows = groupOf({ told: { ...told(), f2: [] }, queuedAt: NOW });
  const quiet = planOf({ group: knows, alerts: [one, other], holds });
  assert.deepEqual(quiet.kind === 'quiet' && [quiet.told, quiet.withheld], [{ f2: [] }, [one.fingerprint]]);
  const owned = new Map([[one.fingerprint, 'acknowledged' as const]]);
  assert.equal(
    planOf({ group: groupOf({ told: told(), queuedAt: NOW - 2 * TIMES.repeatIntervalMs }), alerts: [one], holds: owned }).kind,
    'quiet',
  );
  const news = planOf({ group: groupOf({ told: told(), queuedAt: NOW }), alerts: [one, other], holds: owned });
  assert.deepEqual(news.kind === 'send' && news.firing.map(({ fingerprint }) => fingerprint), [one.fingerprint, 'f2']);
});
