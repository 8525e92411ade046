import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertOf, createWorld, groupOf, resolved, SENT, textOf } from '../test-world.ts';

const ALERT = alertOf();
const waitUntil = async (isSo: () => boolean): Promise<void> => {
  for (let looks = 0; !isSo() && looks < 10_000; looks += 1) await new Promise((done) => setImmediate(done));
};

test('what the queue of the gateway holds is not sent again', async () => {
  const { deliver, phones, receipts } = await createWorld();
  phones.outcome = { kind: 'held' };
  assert.deepEqual(await deliver(groupOf([ALERT]), ''), { kind: 'delivered' });
  await deliver(groupOf([ALERT]), '');
  assert.equal(phones.sent.length, 1);
  assert.deepEqual(receipts, [], 'nobody has it yet');
});

test('what the queue holds is reported with its id once it was sent, and its end answers it', async () => {
  const { deliver, phones, recovery, receipts, restart } = await createWorld();
  phones.outcome = { kind: 'held' };
  await deliver(groupOf([ALERT]), 'nt_1');
  phones.outcome = null;
  const again = await restart();
  for (const gateway of [again, { recovery, receipts }]) {
    gateway.recovery.observe('telegram', { to: '777', content: SENT, success: false });
    gateway.recovery.observe('telegram', { to: '777', content: SENT, success: true, messageId: '42' });
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.deepEqual(
      gateway.receipts.map(({ messageId, state, notification }) => [messageId, state, notification]),
      [['42', 'delivered', 'nt_1']],
    );
  }
  await again.deliver(groupOf([resolved(ALERT)]), 'nt_2');
  assert.equal(phones.sent.at(-1)?.replyTo, '42');
});

test('what the queue gives up is told to the server, and comes once beside the next notification', async () => {
  const { deliver, phones, recovery, receipts } = await createWorld();
  phones.outcome = { kind: 'held' };
  await deliver(groupOf([ALERT]), 'nt_1');
  phones.outcome = null;
  recovery.observe('telegram', { to: '777', content: SENT, success: false, error: 'delivery retry budget exhausted' });
  assert.deepEqual(
    receipts.map(({ state, notification }) => [state, notification]),
    [['failed', 'nt_1']],
  );
  await deliver(groupOf([ALERT]), 'nt_2');
  assert.equal(phones.sent.length, 2);
  assert.match(textOf(phones.sent[1] ?? { lines: [] }), /^🚨 CRITICAL: Zero transactions detected\n/);
});

test('what the queue asked for without an answer is told to the server, and comes again with its mark', async () => {
  const { deliver, phones, recovery, receipts } = await createWorld();
  phones.outcome = { kind: 'held' };
  await deliver(groupOf([ALERT]), 'nt_1');
  phones.outcome = null;
  const error = 'delivery state is unknown_after_send; refusing blind replay without adapter reconciliation';
  recovery.observe('telegram', { to: '777', content: SENT, success: false, error });
  assert.equal(receipts[0]?.state, 'failed');
  await waitUntil(() => phones.sent.length > 1);
  assert.match(textOf(phones.sent[1] ?? { lines: [] }), /^🚨 CRITICAL: Zero transactions detected \(talvez repetido\)\n/);
  await deliver(groupOf([ALERT]), 'nt_2');
  assert.equal(phones.sent.length, 2, 'the next notification changes the message');
});

test('what the queue gives up comes again by itself, also an end, and after a restart: Alertmanager does not', async () => {
  const given = 'delivery state is unknown_after_send; refusing blind replay without adapter reconciliation';
  for (const isRestarted of [false, true]) {
    const before = await createWorld();
    await before.deliver(groupOf([ALERT]), '');
    before.phones.outcome = { kind: 'held' };
    await before.deliver(groupOf([resolved(ALERT)]), '');
    const world = isRestarted ? await before.restart() : before;
    world.phones.outcome = null;
    const { send } = world.phones;
    let failing = 3;
    world.phones.send = async (target, message) =>
      failing-- > 0 ? { kind: 'failed', error: 'HTTP 500', mayHaveArrived: false } : send(target, message);
    world.recovery.observe('telegram', { to: '777', content: textOf(world.phones.sent[1] ?? { lines: [] }), success: false, error: given });
    await waitUntil(() => world.phones.sent.length > 2);
    const [, , end, ...more] = world.phones.sent.map(textOf);
    assert.match(end ?? '', /^✅ RESOLVIDO: Zero transactions detected \(talvez repetido\)/);
    assert.deepEqual(more, []);
    await world.deliver(groupOf([resolved(ALERT)]), '');
    assert.equal(world.phones.sent.length, 3);
  }
});

test('that an alert began is not said any more when the chat knows its end', async () => {
  const { deliver, phones, recovery } = await createWorld();
  phones.outcome = { kind: 'held' };
  await deliver(groupOf([ALERT]), '');
  phones.outcome = null;
  await deliver(groupOf([resolved(ALERT)]), '');
  recovery.observe('telegram', { to: '777', content: SENT, success: false, error: 'delivery retry budget exhausted' });
  await new Promise((done) => setImmediate(done));
  assert.equal(phones.sent.length, 2);
});
