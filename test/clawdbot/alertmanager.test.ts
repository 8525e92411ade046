import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { waitFor } from '../e2e/product.ts';
import { createAlertmanager, noAlertmanager } from './alertmanager.ts';
import { cannotRun, OWNER, startNight } from './night.ts';

const skip = cannotRun || noAlertmanager;
const QUIET_MS = 5000;

test('a real Alertmanager pages the phone, whoever is away meanwhile', { timeout: 900_000, skip }, async (t) => {
  const night = await startNight(t, { plugin: { messagesPerMinute: 1000 } });
  const { telegram, gateway } = night;
  const alertmanager = await createAlertmanager(t, night);
  await alertmanager.start();
  const about = (name: string) => telegram.messages(OWNER).filter(({ text }) => text.includes(`${name} detected`));

  await t.test('it fires and resolves', async () => {
    await alertmanager.push({ name: 'First' });
    const page = await waitFor(async () => about('First')[0]);
    assert.match(
      page.text,
      /^<b>🚨 CRITICAL: First detected<\/b>\nSistema: Transaction Guardian\nHora: 09:00\nAção: Verificar API imediatamente/,
    );
    await alertmanager.push({ name: 'First', isOver: true });
    const end = await waitFor(async () => about('First')[1]);
    assert.equal(end.replyTo, page.id);
    await wait(QUIET_MS);
    assert.equal(about('First').length, 2);
  });

  await t.test('the gateway is killed before it fires', async () => {
    await gateway.stop('SIGKILL');
    await alertmanager.push({ name: 'Third' });
    await wait(2000);
    await gateway.start();
    await waitFor(async () => about('Third')[0]);
    await wait(QUIET_MS);
    assert.equal(about('Third').length, 1);
    assert.equal(about('First').length, 2, 'what was notified before is not notified again');
  });

  await t.test('Alertmanager is down: the chat answers, and what fires comes when it is back', async () => {
    await alertmanager.kill();
    assert.match((await night.say(OWNER, 'status')).text, /Transaction Guardian Status/);
    await alertmanager.start();
    await alertmanager.push({ name: 'Fourth' });
    await alertmanager.push({ name: 'Third' });
    await waitFor(async () => about('Fourth')[0]);
    await wait(QUIET_MS);
    assert.deepEqual([about('Third').length, about('Fourth').length], [1, 1]);
  });
});
