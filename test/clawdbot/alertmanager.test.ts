import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { waitFor } from '../e2e/product.ts';
import { createAlertmanager, noAlertmanager } from './alertmanager.ts';
import { freePort } from '../e2e/free-port.ts';
import { cannotRun, OWNER, startNight } from './night.ts';

const skip = cannotRun || noAlertmanager;
const QUIET_MS = 5000;

test('a real Alertmanager pages the phone, whoever is away meanwhile', { timeout: 900_000, skip }, async (t) => {
  const port = await freePort();
  const night = await startNight(t, { plugin: { messagesPerMinute: 1000 }, alertmanagerPort: port });
  const { telegram, gateway } = night;
  const alertmanager = await createAlertmanager(t, night, { port });
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

  await t.test('an alert of another rule is taken by a tap: a silence of its labels, by whoever tapped, until that is ended', async () => {
    const labels = { instance: 'db-1' };
    await alertmanager.push({ name: 'HostDown', labels });
    const page = await waitFor(async () => about('HostDown')[0]);
    assert.deepEqual(
      page.buttons.map(({ text }) => text),
      ['Reconhecer', 'Soneca 15 min'],
    );
    const tap = async (button: number): Promise<string> => {
      const known = telegram.messages(OWNER).length;
      telegram.tap(OWNER, page, page.buttons[button]?.callback_data ?? '');
      return (await night.next(known)).text;
    };
    const live = async () => (await alertmanager.silences()).filter(({ status }) => status.state === 'active');
    assert.match(await tap(0), /^✅ HostDown: reconhecido por Ana\. Volta a avisar/);
    assert.deepEqual(
      (await live()).map(({ createdBy, matchers }) => [
        createdBy,
        matchers
          .map(({ name, value }) => `${name}=${value}`)
          .toSorted()
          .join(),
      ]),
      [['Ana', 'alertname=HostDown,instance=db-1,severity=critical']],
    );
    assert.match((await night.say(OWNER, 'alertas')).text, /HostDown #\d+.*Com Ana desde/s);
    assert.match(await tap(1), /^💤 HostDown: soneca até/);
    assert.equal((await live()).length, 1, 'one silence, whatever it is for');
    assert.match((await night.say(OWNER, 'silêncios')).text, /HostDown #1.*por Ana/s);
    assert.match((await night.say(OWNER, 'encerrar silêncio 1')).text, /Silêncio encerrado: HostDown/);
    assert.deepEqual(await live(), []);

    // An Alertmanager that lost its data, beside a program that has just started, does not lose who has the alert.
    assert.match(await tap(0), /^✅ HostDown: reconhecido por Ana\./);
    await alertmanager.lose();
    await night.guardian().kill();
    await alertmanager.start();
    await night.startGuardian();
    await alertmanager.push({ name: 'HostDown', labels });
    const [again] = await waitFor(async () => ((await live()).length > 0 ? live() : undefined));
    assert.equal(again?.createdBy, 'Ana');
    assert.match((await night.say(OWNER, 'alertas')).text, /HostDown #\d+.*Com Ana desde/s);
    const pages = about('HostDown').filter(({ text }) => text.startsWith('<b>🚨 CRITICAL: HostDown'));
    assert.deepEqual(
      pages.map(({ id }) => id),
      [page.id],
      'nothing rang',
    );
    assert.match((await night.say(OWNER, 'desfazer ack 1')).text, /HostDown #1: sem responsável/);
    assert.deepEqual(await live(), []);
    await alertmanager.push({ name: 'HostDown', labels, isOver: true });
    const end = await waitFor(async () => about('HostDown').find(({ replyTo }) => replyTo === page.id));
    assert.match(end.text, /RESOLVIDO/);
    assert.deepEqual(end.buttons, []);
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
