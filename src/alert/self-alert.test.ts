import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import { silentLog } from '../store/test-database.ts';
import type { Receiver } from './notify/receiver.ts';
import { webhookPayload } from './notify/webhook/payload.ts';
import { createSelfAlerts, type ToldSelfAlert } from './self-alert.ts';

const RECEIVER: Receiver = { kind: 'webhook', name: 'night', url: 'http://127.0.0.1:9/', send_resolved: true };
const START = Date.parse('2026-11-22T12:00:00Z');

/** A program that can be killed: `run` begins another life with what the last one kept. */
function programOf(receivers: readonly Receiver[]) {
  const sent: string[] = [];
  const state = { now: START, kept: [] as readonly ToldSelfAlert[] };
  const run = (uptimeMs = 0) =>
    createSelfAlerts(
      {
        clock: { now: () => state.now, monotonic: () => state.now - START + uptimeMs },
        log: silentLog,
        random: () => 0,
        send: async ({ name }, { message }) => {
          const { status, alerts } = webhookPayload(message);
          sent.push(`${name} ${status} ${alerts[0]?.labels['alertname']} ${alerts[0]?.startsAt}`);
          return { kind: 'delivered' };
        },
        memory: { told: state.kept, keep: (told) => (state.kept = told) },
      },
      { receivers, locale: 'pt-BR', repeatIntervalMs: 3_600_000, externalUrl: '' },
    );
  return { sent, state, run };
}

test('after kill -9 an alert that fires is not sent again, and its end is, with the start of the first', async () => {
  const { sent, state, run } = programOf([RECEIVER]);
  const first = run();
  first.tell('detection_standstill', 'it hangs');
  await nextTurn();
  state.now += 60_000;
  const second = run(-50_000);
  second.tell('detection_standstill', null);
  second.tell('detection_standstill', 'it hangs again');
  await nextTurn();
  const since = new Date(START).toISOString();
  assert.deepEqual(sent, [`night firing GuardianDetectionStandsStill ${since}`]);
  state.now += 60_000;
  const third = run();
  third.tell('detection_standstill', null);
  await nextTurn();
  assert.equal(sent.length, 1, 'what is not known yet resolves nothing');
  third.tell('detection_standstill', undefined);
  await nextTurn();
  third.tell('detection_standstill', undefined);
  await nextTurn();
  assert.deepEqual(sent.slice(1), [`night resolved GuardianDetectionStandsStill ${since}`]);
  assert.deepEqual(state.kept, []);
});

test('a restart does not hold back the repeat, nor what another problem says', async () => {
  const { sent, state, run } = programOf([RECEIVER, { ...RECEIVER, name: 'day', severities: ['warning'] }]);
  const first = run();
  first.tell('disk_low', 'only 9 MB are free');
  await nextTurn();
  state.now += 3_600_000;
  const second = run();
  second.tell('disk_low', 'only 9 MB are free');
  second.tell('detection_standstill', 'it hangs');
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
