import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestGateway, type GatewayFault, type TestGateway, type TestMessage } from '../test-gateway.ts';
import { alertOf, groupOf, resolved, settingsOf } from '../test-world.ts';
import type { IncomingAlert } from '../payload.ts';

const ROUNDS = 100;
/** Whoever notifies comes again, but not for ever. */
const MOST_TRIES = 10;
const MARK = 'talvez repetido';

/** Notifies as Alertmanager does: again until it is taken. */
async function notify(gateway: TestGateway, alert: IncomingAlert): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const delivery = await Promise.race([gateway.world().deliver(groupOf([alert], alert.fingerprint), ''), gateway.killed()]);
    if (delivery === undefined) await gateway.restart();
    else if (delivery.kind === 'delivered') return;
  }
  throw new Error('whoever notified gave up');
}

/** Rounds in which an alert begins and ends, each message of it through the fault. */
async function play(fault: GatewayFault) {
  const gateway = await createTestGateway(settingsOf({ messagesPerMinute: 100_000 }));
  const tally = { lost: 0, doubled: 0, marked: 0, ends: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const name = `Alert${round} detected`;
    const fingerprint = String(round).padStart(16, '0');
    const alert = alertOf({ fingerprint, annotations: { summary: name, action: 'Verificar' } });
    const known = gateway.onPhone.length;
    for (const state of [alert, resolved(alert)]) {
      const before = gateway.onPhone.length;
      gateway.next = fault;
      await notify(gateway, state);
      gateway.flush();
      // What the queue gave up is sent again in the background.
      for (let looks = 0; looks < 100 && gateway.onPhone.length === before; looks += 1) await new Promise((done) => setImmediate(done));
      count(tally, gateway.onPhone.slice(before), name);
      await notify(gateway, state);
    }
    const ids = new Set(gateway.onPhone.slice(known).map(({ id }) => id));
    tally.ends += gateway.onPhone.slice(known).some(({ replyTo }) => replyTo !== null && ids.has(replyTo)) ? 1 : 0;
  }
  return { ...tally, messages: gateway.onPhone.length };
}

function count(tally: { lost: number; doubled: number; marked: number }, messages: readonly TestMessage[], name: string): void {
  const about = messages.filter(({ text }) => text.includes(name));
  tally.lost += about.length === 0 ? 1 : 0;
  tally.doubled += Math.max(0, about.length - 1);
  tally.marked += about.filter(({ text }) => text.includes(MARK)).length;
}

const ONCE = { lost: 0, doubled: 0, marked: 0, ends: ROUNDS, messages: 2 * ROUNDS };
/** Nobody can know whether the phone had it, and it had not: it comes once, and says that it may be a repetition. */
const ONCE_WITH_DOUBT = { ...ONCE, marked: 2 * ROUNDS };
/** The phone had it, and nobody could know: it comes again and says so. */
const TWICE = { ...ONCE, doubled: 2 * ROUNDS, marked: 2 * ROUNDS, messages: 4 * ROUNDS };

const EXPECTED: readonly (readonly [GatewayFault, object])[] = [
  ['works', ONCE],
  ['slow', ONCE],
  ['HTTP 429', ONCE],
  ['HTTP 500', ONCE],
  ['HTTP 403', ONCE],
  ['refuses', ONCE],
  ['refuses, then ends', ONCE_WITH_DOUBT],
  ['ends before', ONCE_WITH_DOUBT],
  ['ends after', TWICE],
  ['killed before the queue', ONCE_WITH_DOUBT],
  ['killed before the channel', ONCE],
  ['killed while it asks', ONCE_WITH_DOUBT],
  ['killed before the answer', TWICE],
  ['killed after the answer', TWICE],
];

for (const [fault, expected] of EXPECTED)
  test(`${ROUNDS} alerts and their ends, ${fault}: none is lost, and what may come twice says so`, async () => {
    assert.deepEqual(await play(fault), expected);
  });
