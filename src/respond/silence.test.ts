import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { anomalyOf, eventOf, resolvedOf } from '../alert/test-anomaly.ts';
import { createAlertHarness, type AlertHarness } from '../alert/test-harness.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { listAlerts } from '../store/verbs/alert/list-alerts.ts';
import type { RespondDeps } from './act.ts';
import { createMaintenance, endMaintenance, listMaintenanceViews } from './maintenance.ts';
import { changeSilence, createSilence, endSilence, type NewSilence } from './silence.ts';
import { readSilenceView } from './silence-view.ts';
import { personNamed, respondDeps } from './test-respond.ts';
import { until } from '../test-until.ts';

const ANA = personNamed('Ana');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

async function started(t: TestContext): Promise<{ harness: AlertHarness; deps: RespondDeps }> {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  return { harness, deps: respondDeps(harness) };
}

const merchant = (id: string, changes = {}) =>
  anomalyOf({ id: `an_${id}`, node: { kind: 'merchant', merchant_id: id }, slice: { share: 1 }, ...changes });

async function silenced(deps: RespondDeps, input: Partial<NewSilence> = {}): Promise<string> {
  const endsAt = deps.clock.now() + HOUR;
  const outcome = await createSilence(deps, ANA, {
    scope: { matchers: ['merchant_id="m-1"'] },
    endsAt,
    reason: 'troca de adquirente',
    ...input,
  });
  assert.ok(outcome.kind === 'done', JSON.stringify(outcome));
  return outcome.silence.id;
}

/** A stage that has just started first reads the past. */
const sentAtLast = (harness: AlertHarness, count: number) =>
  until(async () => {
    await harness.advance(10);
    return harness.sent.length >= count;
  }, `${count} messages`);

const namesOf = (harness: AlertHarness) =>
  harness.sent.map(
    ({ payload }) => `${payload.alerts.map(({ labels }) => labels['merchant'] ?? labels['alertname']).join('+')} ${payload.status}`,
  );

test('a silence hides what it matches and nothing else, says so at its start, and at its end what it hid', async (t) => {
  const { harness, deps } = await started(t);
  const id = await silenced(deps);
  await harness.publish(eventOf('opened', 1, merchant('m-1')), eventOf('opened', 2, merchant('m-2')));
  await harness.advance(MINUTE);
  assert.deepEqual(namesOf(harness).toSorted(), ['GuardianSilence firing', 'm-2 firing']);
  const began = harness.sent.find(({ payload }) => payload.alerts[0]?.labels['alertname'] === 'GuardianSilence');
  assert.match(began?.payload.alerts[0]?.annotations['summary'] ?? '', /SILÊNCIO até .*: lojista: m-1\nAna: troca de adquirente/);

  const listed = (await listAlerts(database, { status: 'firing', merchantId: 'm-1' })).items[0];
  assert.deepEqual(listed?.silenced_by, [id], 'it stays in the list');
  const view = await readSilenceView(database, id, harness.now);
  assert.deepEqual([view?.status, view?.hidden_count, view?.hidden[0]?.labels['merchant_id']], ['active', 1, 'm-1']);

  await harness.advance(HOUR);
  const sent = namesOf(harness).slice(2);
  assert.deepEqual(sent.toSorted(), ['GuardianSilence resolved', 'm-1 firing', 'm-2 firing'], 'm-2 is only its repeat');
  const over = harness.sent.findLast(({ payload }) => payload.alerts[0]?.labels['alertname'] === 'GuardianSilence');
  assert.match(
    over?.payload.alerts[0]?.annotations['summary'] ?? '',
    /Ocultou 1 alerta, 1 ainda ativo\n• ATIVO: Negadas acima do normal \(m-1\)/,
  );
  assert.equal((await readSilenceView(database, id, harness.now))?.status, 'expired');
});

test('an alert that was notified before the silence is told of when it resolves in it', async (t) => {
  const { harness, deps } = await started(t);
  await harness.publish(eventOf('opened', 1, merchant('m-1')));
  await harness.advance(MINUTE);
  await silenced(deps);
  await harness.advance(MINUTE);
  await harness.publish(
    eventOf('resolved', 2, { ...merchant('m-1'), ...resolvedOf(), id: 'an_m-1', node: { kind: 'merchant', merchant_id: 'm-1' } }),
  );
  await harness.advance(MINUTE);
  assert.deepEqual(namesOf(harness), ['m-1 firing', 'GuardianSilence firing', 'm-1 resolved']);
});

test('a silence made from an alert hides its cause, and neither what is worse nor another cause', async (t) => {
  const { harness, deps } = await started(t);
  await harness.publish(eventOf('opened', 1, merchant('m-1')));
  const id = await silenced(deps, { scope: { alertId: 'an_m-1' } });
  await harness.advance(MINUTE);
  assert.deepEqual(namesOf(harness), ['GuardianSilence firing']);
  const notice = harness.sent[0]?.payload.alerts[0]?.annotations['summary'] ?? '';
  assert.match(notice, /: alerta: Negadas acima do normal, lojista: m-1\n.*\nAlertas críticos continuam a notificar$/);
  // Another type of the same merchant, the same type with a code, and the same one once it is worse.
  await harness.publish(eventOf('opened', 2, merchant('m-1', { id: 'an_b', type: 'low_volume' })));
  await harness.publish(eventOf('opened', 3, merchant('m-1', { id: 'an_c', slice: { auth_code: '91', share: 1 } })));
  const silencedBy = async () =>
    Object.fromEntries((await listAlerts(database, { status: 'firing' })).items.map((alert) => [alert.anomaly_id, alert.silenced_by]));
  assert.deepEqual(await silencedBy(), { 'an_m-1': [id], an_b: [], an_c: [] });
  await harness.publish(eventOf('updated', 4, merchant('m-1', { severity: 'critical', updated_at: '2025-07-12T20:12:00.000Z' })));
  assert.deepEqual((await silencedBy())['an_m-1'], []);
  await harness.advance(2 * MINUTE);
  const last = harness.sent.at(-1)?.payload.alerts.map(({ labels }) => `${labels['type']} ${labels['severity']}`);
  assert.deepEqual(last?.toSorted(), ['denials_above_normal critical', 'denials_above_normal warning', 'low_volume warning']);
});

test('ended early, what still fires notifies at once; the end can be moved', async (t) => {
  const { harness, deps } = await started(t);
  const id = await silenced(deps);
  await harness.publish(eventOf('opened', 1, merchant('m-1')));
  const changed = await changeSilence(deps, ANA, { id, endsAt: harness.now + 2 * HOUR });
  assert.equal(changed.kind === 'done' && changed.silence.ends_at, new Date(harness.now + 2 * HOUR).toISOString());
  await harness.advance(90 * MINUTE);
  assert.deepEqual(namesOf(harness), ['GuardianSilence firing']);
  const ended = await endSilence(deps, personNamed('Bia'), { id });
  assert.equal(ended.kind === 'done' && ended.silence.ended_by?.name, 'Bia');
  await harness.advance(MINUTE);
  assert.deepEqual(namesOf(harness).slice(1).toSorted(), ['GuardianSilence resolved', 'm-1 firing']);
  assert.equal((await endSilence(deps, ANA, { id })).kind, 'ended');
  assert.equal((await changeSilence(deps, ANA, { id, reason: 'x' })).kind, 'ended');
});

test('one that begins later hides nothing before', async (t) => {
  const { harness, deps } = await started(t);
  await silenced(deps, { startsAt: harness.now + 10 * MINUTE });
  await harness.publish(eventOf('opened', 1, merchant('m-1')));
  await harness.advance(MINUTE);
  assert.deepEqual(namesOf(harness), ['m-1 firing']);
  await harness.advance(10 * MINUTE);
  assert.deepEqual(namesOf(harness).slice(1), ['GuardianSilence firing']);
});

test('a crash at any moment leaves one notice of the start and one of the end', async (t) => {
  const { harness, deps } = await started(t);
  await silenced(deps);
  await harness.advance(1000);
  await harness.restart({ kill: true });
  await harness.advance(MINUTE);
  await harness.restart({ kill: true });
  harness.now += HOUR;
  await harness.advance(1000);
  await harness.restart({ kill: true });
  await sentAtLast(harness, 2);
  await harness.advance(MINUTE);
  assert.deepEqual(namesOf(harness), ['GuardianSilence firing', 'GuardianSilence resolved']);
  assert.match(harness.sent[1]?.payload.alerts[0]?.annotations['summary'] ?? '', /Não ocultou nenhum alerta/);
});

test('a receiver that was away is told of the end alone', async (t) => {
  const { harness, deps } = await started(t);
  await silenced(deps);
  harness.answer = () => ({ kind: 'retry', error: 'down', afterMs: 0 });
  await harness.advance(1000);
  await harness.advance(HOUR);
  harness.answer = () => ({ kind: 'delivered' });
  const before = harness.sent.length;
  await harness.advance(10 * MINUTE);
  assert.deepEqual(namesOf(harness).slice(before), ['GuardianSilence resolved']);
});

test('a receiver of critical alerts is reported only of silences that may hide one', async (t) => {
  const { harness, deps } = await started(t);
  await harness.restart({
    receivers: [
      {
        kind: 'webhook',
        name: 'pager',
        url: 'http://127.0.0.1:9/',
        severities: ['critical'],
        send_resolved: true,
        briefings: true,
        silence_notices: true,
        receipts: false,
      },
    ],
  });
  await silenced(deps, { scope: { matchers: ['merchant_id="m-2"'], maxSeverity: 'warning' } });
  await silenced(deps);
  await sentAtLast(harness, 1);
  await harness.advance(1000);
  assert.match(harness.sent[0]?.payload.alerts[0]?.annotations['summary'] ?? '', /lojista: m-1/);
  assert.deepEqual(namesOf(harness), ['GuardianSilence firing']);
});

test('two receivers of one chat get one notice of a silence', async (t) => {
  const { harness, deps } = await started(t);
  const chat = { kind: 'telegram' as const, bot_token: '1:a', chat_id: '777', api_url: 'http://127.0.0.1:9' };
  const hears = { send_resolved: true, briefings: true, silence_notices: true };
  await harness.restart({
    receivers: [
      { ...chat, ...hears, name: 'phone' },
      { ...chat, ...hears, name: 'boss', severities: ['critical', 'warning'] },
      { ...chat, ...hears, name: 'other', chat_id: '888' },
    ],
  });
  await silenced(deps);
  await sentAtLast(harness, 2);
  await harness.advance(1000);
  assert.deepEqual(harness.sent.map(({ receiver }) => receiver).toSorted(), ['other', 'phone']);
});

test('what is wrong with a silence is named by field and rule', async (t) => {
  const { harness, deps } = await started(t);
  const rulesOf = async (input: Partial<NewSilence>): Promise<readonly string[]> => {
    const outcome = await createSilence(deps, ANA, {
      scope: { matchers: ['type="spike"'] },
      endsAt: harness.now + HOUR,
      reason: 'x',
      ...input,
    });
    return outcome.kind === 'invalid' ? outcome.findings.map(({ field, rule }) => `${field} ${rule}`) : [outcome.kind];
  };
  assert.deepEqual(await rulesOf({ endsAt: harness.now - 1 }), ['ends_at end_after_start']);
  assert.deepEqual(await rulesOf({ startsAt: harness.now - HOUR, endsAt: harness.now - 1 }), ['ends_at end_in_future']);
  assert.deepEqual(await rulesOf({ endsAt: harness.now + 31 * 24 * HOUR }), ['ends_at end_too_late']);
  assert.deepEqual(await rulesOf({ scope: { matchers: [] } }), ['matchers list']);
  assert.deepEqual(await rulesOf({ scope: { matchers: ['shop="m-1"', 'x'] } }), ['matchers[0] matcher_label', 'matchers[1] matcher']);
  assert.deepEqual(await rulesOf({ scope: { matchers: ['merchant_id!="m-1"'] } }), ['matchers matcher_nothing']);
  assert.deepEqual(await rulesOf({ scope: { alertId: 'an_nobody' } }), ['unknown']);
});

test('a maintenance window hides in each occurrence, which ends by itself and says what it hid', async (t) => {
  const { harness, deps } = await started(t);
  // The harness begins on Sunday, 22 November 2026, 00:00 in São Paulo.
  const weekly = { days: ['sun' as const], start: '02:00', end: '04:00' };
  const made = await createMaintenance(deps, ANA, { name: 'janela da adquirente', matchers: ['merchant_id="m-1"'], schedule: { weekly } });
  assert.ok(made.kind === 'done', JSON.stringify(made));
  assert.deepEqual([made.maintenance.status, made.maintenance.next?.starts_at], ['planned', '2026-11-22T05:00:00.000Z']);
  await harness.publish(eventOf('opened', 1, merchant('m-1')));
  await harness.advance(MINUTE);
  assert.deepEqual(namesOf(harness), ['m-1 firing']);
  harness.now = Date.parse('2026-11-22T05:00:00Z');
  await harness.advance(0);
  assert.equal((await listMaintenanceViews(database, harness.now))[0]?.status, 'active');
  assert.deepEqual(namesOf(harness).slice(1), ['GuardianSilence firing']);
  harness.now = Date.parse('2026-11-22T07:00:00Z');
  await harness.advance(0);
  await harness.advance(MINUTE);
  assert.deepEqual(namesOf(harness).slice(2).toSorted(), ['GuardianSilence resolved', 'm-1 firing']);
  const [view] = await listMaintenanceViews(database, harness.now);
  assert.deepEqual([view?.status, view?.next?.starts_at], ['planned', '2026-11-29T05:00:00.000Z']);
});

test('a window that is ended in the middle stops hiding, for good', async (t) => {
  const { harness, deps } = await started(t);
  const weekly = { days: ['sun' as const], start: '00:00', end: '04:00' };
  const made = await createMaintenance(deps, ANA, { name: 'x', matchers: ['merchant_id="m-1"'], schedule: { weekly } });
  assert.ok(made.kind === 'done');
  assert.equal(made.maintenance.status, 'active', 'it is under way');
  await harness.publish(eventOf('opened', 1, merchant('m-1')));
  await harness.advance(MINUTE);
  assert.deepEqual(namesOf(harness), ['GuardianSilence firing']);
  const ended = await endMaintenance(deps, ANA, { id: made.maintenance.id });
  assert.equal(ended.kind === 'done' && ended.maintenance.status, 'ended');
  await harness.advance(MINUTE);
  assert.deepEqual(namesOf(harness).slice(1).toSorted(), ['GuardianSilence resolved', 'm-1 firing']);
  harness.now += 8 * 24 * HOUR;
  await harness.advance(0);
  assert.equal(namesOf(harness).filter((name) => name === 'GuardianSilence firing').length, 1);
});

test('an occurrence that went by while the program was away is left out', async (t) => {
  const { harness, deps } = await started(t);
  const weekly = { days: ['sun' as const], start: '02:00', end: '04:00' };
  await createMaintenance(deps, ANA, { name: 'x', matchers: ['merchant_id="m-1"'], schedule: { weekly } });
  harness.now += 3 * 24 * HOUR;
  await harness.advance(0);
  assert.deepEqual(namesOf(harness), []);
  assert.equal((await listMaintenanceViews(database, harness.now))[0]?.next?.starts_at, '2026-11-29T05:00:00.000Z');
});

test('a window that comes once ends with it; what is wrong is named', async (t) => {
  const { harness, deps } = await started(t);
  const once = { starts_at: new Date(harness.now + HOUR).toISOString(), ends_at: new Date(harness.now + 2 * HOUR).toISOString() };
  await createMaintenance(deps, ANA, { name: 'x', matchers: ['merchant_id="m-1"'], schedule: { once } });
  await harness.advance(HOUR);
  assert.equal((await listMaintenanceViews(database, harness.now))[0]?.status, 'active');
  await harness.advance(HOUR);
  assert.equal((await listMaintenanceViews(database, harness.now))[0]?.status, 'ended');
  const rulesOf = async (schedule: Parameters<typeof createMaintenance>[2]['schedule']) => {
    const outcome = await createMaintenance(deps, ANA, { name: 'x', matchers: ['merchant_id="m-1"'], schedule });
    return outcome.kind === 'invalid' ? outcome.findings.map(({ field, rule }) => `${field} ${rule}`) : [outcome.kind];
  };
  const weekly = { days: ['sun' as const], start: '02:00', end: '04:00' };
  assert.deepEqual(await rulesOf({ once }), ['once.ends_at end_in_future']);
  assert.deepEqual(await rulesOf({ weekly: { ...weekly, time_zone: 'Mars/Base' } }), ['weekly.time_zone time_zone']);
  assert.deepEqual(await rulesOf({ weekly: { ...weekly, from: '2026-02-30' } }), ['weekly.from day_unknown']);
  assert.deepEqual(await rulesOf({ weekly: { ...weekly, until: '2020-01-01' } }), ['weekly no_occurrence']);
});
