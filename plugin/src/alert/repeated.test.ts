import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertOf, createPhones, createWorld, groupOf, resolved, settingsOf, textOf, type TestWorld } from '../test-world.ts';
import type { IncomingAlert } from '../payload.ts';

const ALERT = alertOf();
const MARK = ' (talvez repetido)';

/** Titles on the phone, the oldest first. */
const titles = ({ phones }: Pick<TestWorld, 'phones'>): string[] => phones.sent.map(({ lines }) => lines[0]?.text ?? '');
const withFigures = (alert: IncomingAlert, figures: string): IncomingAlert => ({
  ...alert,
  annotations: { ...alert.annotations, description: figures },
});

/** A chat whose channel did not answer the first message about an alert, and took the one that came in its place. */
async function afterDoubt(): Promise<TestWorld> {
  const world = await createWorld();
  world.phones.outcome = { kind: 'failed', error: 'socket hang up', mayHaveArrived: true };
  await world.deliver(groupOf([ALERT]), 'nt_1');
  world.phones.outcome = null;
  await world.deliver(groupOf([ALERT]), 'nt_1');
  return world;
}

test('a message that may be there twice says so as long as it stands: when its figures change, after a restart, when it ends', async () => {
  const before = await afterDoubt();
  await before.deliver(groupOf([withFigures(ALERT, '40/min')]), 'nt_2');
  assert.match(textOf(before.phones.sent[0] ?? { lines: [] }), /^🚨 CRITICAL: Zero transactions detected \(talvez repetido\)\n40\/min\n/);

  const world = await before.restart();
  await world.deliver(groupOf([withFigures(ALERT, '50/min')]), 'nt_3');
  assert.match(textOf(world.phones.sent[0] ?? { lines: [] }), /^🚨 CRITICAL: Zero transactions detected \(talvez repetido\)\n50\/min\n/);

  await world.deliver(groupOf([resolved(ALERT)]), 'nt_4');
  assert.deepEqual(titles(world), [`✅ RESOLVIDO: Zero transactions detected${MARK}`, '✅ RESOLVIDO: Zero transactions detected']);
});

test('what follows a message that may be there twice is itself there once', async () => {
  const world = await afterDoubt();
  world.pass(11 * 60_000);
  await world.deliver(groupOf([ALERT]), 'nt_2');
  assert.equal(titles(world)[1], '🔁 Ainda ativo: 🚨 CRITICAL: Zero transactions detected');
  await world.deliver(groupOf([withFigures(ALERT, '40/min')]), 'nt_3');
  assert.equal(titles(world)[1], '🚨 CRITICAL: Zero transactions detected');
});

test('a reminder without an answer comes again and says so', async () => {
  const world = await createWorld();
  await world.deliver(groupOf([ALERT]), 'nt_1');
  world.pass(11 * 60_000);
  world.phones.outcome = { kind: 'failed', error: 'socket hang up', mayHaveArrived: true };
  await world.deliver(groupOf([ALERT]), 'nt_2');
  world.phones.outcome = null;
  await world.deliver(groupOf([ALERT]), 'nt_2');
  assert.equal(titles(world)[1], `🔁 Ainda ativo: 🚨 CRITICAL: Zero transactions detected${MARK}`);
});

/** A chat that gets one message about many groups, after the first one alone. */
async function manyGroups() {
  const world = await createWorld(settingsOf({ messagesPerMinute: 1 }));
  const groups = ['1', '2', '3'].map((n) =>
    groupOf([alertOf({ severity: 'warning', fingerprint: n.repeat(16), annotations: { summary: `Volume baixo · m-${n}` } })], `m-${n}`),
  );
  await world.deliver(groupOf([ALERT]), '');
  const deliverAll = async (to: TestWorld): Promise<string[]> =>
    (await Promise.all(groups.map((group) => to.deliver(group, '')))).map(({ kind }) => kind);
  return { world, deliverAll };
}

test('one message about many groups that comes again says so, whichever of them come first, and goes on saying so', async () => {
  const { world, deliverAll } = await manyGroups();
  world.phones.outcome = { kind: 'failed', error: 'socket hang up', mayHaveArrived: true };
  assert.deepEqual(await deliverAll(world), ['failed', 'failed', 'failed']);
  // It is refused meanwhile: that does not say that the first one never arrived.
  world.phones.outcome = { kind: 'failed', error: 'HTTP 500', mayHaveArrived: false };
  assert.deepEqual(await deliverAll(world), ['failed', 'failed', 'failed']);
  world.phones.outcome = null;
  assert.deepEqual(await deliverAll(world), ['delivered', 'delivered', 'delivered']);
  const together = (): string => titles(world)[1] ?? '';
  assert.match(together(), /^🚨 Muitos alertas: 3 grupos .*\(talvez repetido\)$/);

  await world.deliver(groupOf([alertOf({ severity: 'warning', fingerprint: '4'.repeat(16) })], 'm-4'), '');
  assert.equal(titles(world).length, 2, 'the message is changed');
  assert.match(together(), /^🚨 Muitos alertas: 4 grupos .*\(talvez repetido\)$/);
});

test('groups of a message that a killed gateway may have sent come again and say so, all of them', async () => {
  const { world, deliverAll } = await manyGroups();
  await new Promise<void>((sent) => {
    world.phones.send = () => {
      sent();
      return new Promise(() => undefined);
    };
    void deliverAll(world);
  });
  const phones = createPhones();
  const restarted = await world.restart(phones);
  assert.deepEqual(await deliverAll(restarted), ['delivered', 'delivered', 'delivered']);
  assert.deepEqual(
    titles(restarted).filter((title) => !title.endsWith(MARK)),
    [],
  );
});
