import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly.ts';
import type { NotifyGroup } from '../../store/verbs/notification/notify-groups.ts';
import { alertFor, anomalyOf, resolvedOf } from '../test-anomaly.ts';
import { occurrenceOf, planMessage, type Audience } from './plan.ts';

const TIMES = { groupIntervalMs: 60_000, repeatIntervalMs: 3_600_000 };
const EVERYONE: Audience = { send_resolved: true };
const NOW = 1_000_000_000;

function groupOf(changes: Partial<NotifyGroup> = {}): NotifyGroup {
  return { receiver: 'r', groupKey: 'g', queuedAt: null, messages: 0, told: {}, offered: [], ...changes };
}

const firing = (severity: Severity = 'warning'): Alert => alertFor(anomalyOf({ severity }));
const ended = (): Alert => alertFor(resolvedOf());
const told = (): NotifyGroup['told'] => ({ [firing().fingerprint]: [] });

test('a new alert is told, and looked at again after the repeat interval', () => {
  const plan = planMessage(groupOf(), [firing()], EVERYONE, TIMES, NOW);
  assert.equal(plan.kind, 'send');
  assert.equal(plan.flushAt, NOW + TIMES.repeatIntervalMs);
  assert.deepEqual(plan.kind === 'send' && plan.tells, told());
});

test('an alert that resolved before it was told is not told', () => {
  assert.deepEqual(planMessage(groupOf(), [ended()], EVERYONE, TIMES, NOW), { kind: 'quiet', told: {}, flushAt: null });
});

test('what is known and unchanged is told again only after the repeat interval', () => {
  const group = groupOf({ told: told(), queuedAt: NOW - 1_800_000, messages: 1 });
  const early = planMessage(group, [firing()], EVERYONE, TIMES, NOW);
  assert.deepEqual(early, { kind: 'quiet', told: told(), flushAt: NOW + 1_800_000 });
  assert.equal(planMessage(group, [firing()], EVERYONE, TIMES, NOW + 1_800_000).kind, 'send');
});

test('another place is news; a place that is no longer named is not', () => {
  const at = (...merchants: string[]): Alert => ({ ...firing(), slice: Object.fromEntries(merchants.map((one) => ['merchant_id', one])) });
  const group = groupOf({ told: { [firing().fingerprint]: ['merchant_id=a'] }, queuedAt: NOW - 61_000, messages: 1 });
  assert.equal(planMessage(group, [at('a')], EVERYONE, TIMES, NOW).kind, 'quiet');
  assert.equal(planMessage(group, [at()], EVERYONE, TIMES, NOW).kind, 'quiet');
  const plan = planMessage(group, [at('b')], EVERYONE, TIMES, NOW);
  assert.deepEqual(plan.kind === 'send' && plan.tells, { [firing().fingerprint]: ['merchant_id=b'] });
});

test('a known alert that resolved is told once, and then nothing is left to do', () => {
  const plan = planMessage(groupOf({ told: told(), queuedAt: NOW - 61_000 }), [ended()], EVERYONE, TIMES, NOW);
  assert.ok(plan.kind === 'send');
  assert.deepEqual([plan.firing.length, plan.resolved.length, plan.tells, plan.flushAt], [0, 1, {}, null]);
});

test('a receiver without resolved notices forgets the alert quietly', () => {
  const plan = planMessage(groupOf({ told: told(), queuedAt: NOW }), [ended()], { send_resolved: false }, TIMES, NOW);
  assert.deepEqual(plan, { kind: 'quiet', told: {}, flushAt: null });
});

test('a warning before the bar goes only to those who name information', () => {
  const warning = alertFor(anomalyOf({ type: 'drift_warning', severity: 'info' }));
  assert.equal(planMessage(groupOf(), [warning], EVERYONE, TIMES, NOW).kind, 'quiet');
  assert.equal(planMessage(groupOf(), [warning], { severities: ['critical', 'warning'], send_resolved: true }, TIMES, NOW).kind, 'quiet');
  assert.equal(planMessage(groupOf(), [warning], { severities: ['info'], send_resolved: true }, TIMES, NOW).kind, 'send');
});

test('severities that a receiver does not want are not told, but what it was told is followed to the end', () => {
  const critical: Audience = { severities: ['critical'], send_resolved: true };
  assert.equal(planMessage(groupOf(), [firing('warning')], critical, TIMES, NOW).kind, 'quiet');
  const urgent = firing('critical');
  const group = groupOf({ told: { [urgent.fingerprint]: [] }, queuedAt: NOW - 61_000 });
  const plan = planMessage(group, [{ ...urgent, status: 'resolved' }, firing('warning')], critical, TIMES, NOW);
  assert.deepEqual(plan.kind === 'send' && [plan.firing.length, plan.resolved.length], [0, 1]);
});

test('a message on its way says what is true now: what fires, and the end of what it may have told', () => {
  const offered = groupOf({ queuedAt: NOW, messages: 1, offered: [occurrenceOf(firing())] });
  const still = planMessage(offered, [firing()], EVERYONE, TIMES, NOW + 1, true);
  assert.deepEqual([still.kind, still.kind === 'send' && still.firing.length], ['send', 1]);
  const over = planMessage(offered, [ended()], EVERYONE, TIMES, NOW + 1, true);
  assert.deepEqual(over.kind === 'send' && [over.firing.length, over.resolved.length, over.tells], [0, 1, {}]);
  assert.equal(planMessage(offered, [ended()], { send_resolved: false }, TIMES, NOW + 1, true).kind, 'quiet');
  assert.equal(planMessage(groupOf(), [ended()], EVERYONE, TIMES, NOW + 1, true).kind, 'quiet');
});

test('a repeat on its way goes on although nothing is new', () => {
  const group = groupOf({ told: told(), queuedAt: NOW, messages: 2 });
  assert.equal(planMessage(group, [firing()], EVERYONE, TIMES, NOW + 1, true).kind, 'send');
});
