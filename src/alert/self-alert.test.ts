import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import type { WebhookPayload } from '@transaction-guardian/contracts/alert.ts';
import { silentLog } from '../store/test-database.ts';
import type { Receiver } from './notify/receiver-schema.ts';
import { webhookPayload } from './notify/webhook/payload.ts';
import { SELF_GROUP } from './group.ts';
import type { SendOutcome } from './notify/retry.ts';
import { createSelfAlerts, type NotifiedSelfAlert } from './self-alert.ts';

const RECEIVER: Receiver = {
  kind: 'webhook',
  name: 'night',
  url: 'http://127.0.0.1:9/',
  send_resolved: true,
  briefings: true,
  silence_notices: true,
  receipts: false,
};
const HANGS = { code: 'self_hang', params: {} };
const LOW = { code: 'self_disk_low', params: { free: 9 } };
const START = Date.parse('2026-11-22T12:00:00Z');

/** A program that can be killed: `run` begins another life with what the last one kept. */
function programOf(receivers: readonly Receiver[]) {
  const sent: string[] = [];
  const payloads: WebhookPayload[] = [];
  const state = { now: START, kept: [] as readonly NotifiedSelfAlert[], outcome: { kind: 'delivered' } as SendOutcome };
  const run = (uptimeMs = 0) =>
    createSelfAlerts(
      {
        clock: { now: () => state.now, monotonic: () => state.now - START + uptimeMs },
        log: silentLog,
        random: () => 0,
        send: async ({ name }, { message }) => {
          const payload = webhookPayload(message);
          const { status, alerts } = payload;
          payloads.push(payload);
          sent.push(`${name} ${status} ${alerts[0]?.labels['alertname']} ${alerts[0]?.startsAt}`);
          return state.outcome;
        },
        memory: { notified: state.kept, keep: (notified) => (state.kept = notified) },
      },
      { receivers, locale: 'pt-BR', timeZone: 'America/Sao_Paulo', repeatIntervalMs: 3_600_000, externalUrl: 'http://127.0.0.1:8001/' },
    );
  return { sent, payloads, state, run };
}

test('after kill -9 an alert that fires is not sent again, and its end is, with the start of the first', async () => {
  const { sent, state, run } = programOf([RECEIVER]);
  const first = run();
  first.set('detection_standstill', HANGS);
  await nextTurn();
  state.now += 60_000;
  const second = run(-50_000);
  second.set('detection_standstill', null);
  second.set('detection_standstill', HANGS);
  await nextTurn();
  const since = new Date(START).toISOString();
  assert.deepEqual(sent, [`night firing GuardianDetectionStandsStill ${since}`]);
  state.now += 60_000;
  const third = run();
  third.set('detection_standstill', null);
  await nextTurn();
  assert.equal(sent.length, 1, 'what is not known yet resolves nothing');
  third.set('detection_standstill', undefined);
  await nextTurn();
  third.set('detection_standstill', undefined);
  await nextTurn();
  assert.deepEqual(sent.slice(1), [`night resolved GuardianDetectionStandsStill ${since}`]);
  assert.deepEqual(state.kept, []);
});

test('a restart does not hold back the repeat, nor what another problem says', async () => {
  const { sent, state, run } = programOf([RECEIVER, { ...RECEIVER, name: 'day', severities: ['warning'] }]);
  const first = run();
  first.set('disk_low', LOW);
  await nextTurn();
  state.now += 3_600_000;
  const second = run();
  second.set('disk_low', LOW);
  second.set('detection_standstill', HANGS);
  await nextTurn();
  assert.deepEqual(
    sent.map((line) => line.split(' ').slice(0, 3).join(' ')),
    [
      'night firing GuardianDiskNearlyFull',
      'day firing GuardianDiskNearlyFull',
      'night firing GuardianDiskNearlyFull',
      'day firing GuardianDiskNearlyFull',
      'night firing GuardianDetectionStandsStill',
    ],
  );
});

test('a message is in one language, of the group of the program, and links its runbook', async () => {
  const { payloads, run } = programOf([RECEIVER]);
  run().set('detection_standstill', { code: 'self_unfinished', params: { part: 'detect' } });
  await nextTurn();
  const [payload] = payloads;
  const annotations = payload?.alerts[0]?.annotations;
  assert.equal(annotations?.['description'], 'Motivo: detector não conclui o que está em processamento');
  assert.equal(annotations?.['runbook_url'], 'http://127.0.0.1:8001/runbooks/detection-standstill');
  assert.equal(payload?.groupKey, SELF_GROUP);
});

test('a message says how bad it is, since when and what to do; its end says that it is over', async () => {
  const { payloads, state, run } = programOf([RECEIVER]);
  const alerts = run();
  alerts.set('detection_standstill', HANGS);
  await nextTurn();
  state.now += 7 * 60_000;
  alerts.set('detection_standstill', undefined);
  await nextTurn();
  assert.deepEqual(
    payloads.map(({ alerts: [alert] }) => alert?.annotations['message']),
    [
      `🚨 CRÍTICO: O Transaction Guardian parou de avaliar transações: nenhuma anomalia será detectada
Sistema: Transaction Guardian
Hora: 09:00
Motivo: a thread do pipeline não responde: está ocupada com uma única tarefa ou travou
Ação: Verifique GET /health e os logs do Guardian; monitore as transações por outro meio até a avaliação voltar`,
      `✅ RESOLVIDO: O Transaction Guardian parou de avaliar transações: nenhuma anomalia será detectada
Sistema: Transaction Guardian
Hora: 09:00–09:07 (7 min)
O problema foi resolvido`,
    ],
  );
});

test('a disk that becomes full ends the warning that it fills up, and says that it is not over', async () => {
  const { sent, payloads, state, run } = programOf([RECEIVER]);
  const alerts = run();
  alerts.set('disk_low', LOW);
  await nextTurn();
  state.now += 60_000;
  alerts.set('disk_full', { code: 'self_disk_full', params: { free: 2, needed: 9 } });
  alerts.set('disk_low', { worse: 'disk_full' });
  await nextTurn();
  assert.deepEqual(
    sent.slice(1).map((line) => line.split(' ').slice(1, 3).join(' ')),
    ['firing GuardianDiskFull', 'resolved GuardianDiskNearlyFull'],
  );
  assert.match(
    payloads[2]?.alerts[0]?.annotations['description'] ?? '',
    /^Não acabou. Agora: O Transaction Guardian está recusando transações/,
  );
  assert.match(payloads[2]?.alerts[0]?.annotations['message'] ?? '', /^↪ SUBSTITUÍDO: O disco do Transaction Guardian está quase cheio\n/);
});

test('whether one fires: from the first send until its end is delivered, over a restart too, whatever the receiver takes', async () => {
  for (const send_resolved of [true, false]) {
    const { state, run } = programOf([{ ...RECEIVER, send_resolved }]);
    const first = run();
    assert.equal(first.isFiring(), false);
    first.set('detection_standstill', HANGS);
    assert.equal(first.isFiring(), true, 'what is on its way may have arrived');
    await nextTurn();
    const second = run();
    assert.equal(second.isFiring(), true);
    second.set('detection_standstill', undefined);
    await nextTurn();
    assert.equal(second.isFiring(), false, `send_resolved: ${send_resolved}`);
    assert.deepEqual(state.kept, []);
  }
});

test('what fired at a receiver that is configured no more does not fire for ever', async () => {
  const { state, run } = programOf([RECEIVER]);
  state.kept = [{ problem: 'detection_standstill', receiver: 'left', since: START, toldAt: START }];
  assert.equal(run().isFiring(), false);
});

test('a message whose answer was lost may be on the phone: it is sent again while it fires, and its end is sent', async () => {
  const lost = { kind: 'retry', error: 'no answer', afterMs: 0, mayHaveArrived: true } as const;
  for (const lastsOn of [true, false]) {
    const { sent, state, run } = programOf([RECEIVER]);
    state.outcome = lost;
    const first = run();
    first.set('detection_standstill', HANGS);
    await nextTurn();
    state.now += 60_000;
    state.outcome = { kind: 'delivered' };
    const second = run();
    if (lastsOn) second.set('detection_standstill', HANGS);
    await nextTurn();
    for (let round = 0; round < 3; round += 1) {
      state.now += 60_000;
      second.set('detection_standstill', undefined);
      await nextTurn();
    }
    assert.deepEqual(
      sent.map((line) => line.split(' ')[1]),
      lastsOn ? ['firing', 'firing', 'resolved'] : ['firing', 'resolved'],
    );
  }
});

test('a message that was refused has not arrived: no end is sent of it', async () => {
  const { sent, state, run } = programOf([RECEIVER]);
  state.outcome = { kind: 'retry', error: 'HTTP 503', afterMs: 0 };
  const alerts = run();
  alerts.set('detection_standstill', HANGS);
  await nextTurn();
  state.now += 60_000;
  alerts.set('detection_standstill', undefined);
  await nextTurn();
  assert.equal(sent.length, 1);
});
