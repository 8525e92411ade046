import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { waitFor } from '../e2e/product.ts';
import { createAlertmanager, noAlertmanager, type Alertmanager } from './alertmanager.ts';
import type { BotCall, Fault } from './fake-telegram.ts';
import { cannotRun, notification, OWNER, startNight, STRANGER, type Night } from './night.ts';
import type { PhoneMessage } from './phone.ts';

/** Every alert is told to so many chats at once: each of them is a round of the fault. */
const CHATS = [OWNER, ...Array.from({ length: 9 }, (_chat, n) => String(701 + n))];
/** Rounds of each fault; a fault that takes a minute, or a gateway that starts anew, has a tenth of them. */
const ROUNDS = Number(process.env['CLAWDBOT_ROUNDS'] ?? 10);
const SLOW_ROUNDS = Math.ceil(ROUNDS / 10);
const alertsFor = (rounds: number): number => Math.ceil(rounds / CHATS.length);
/** Time in which a message that is too many would have come. */
const QUIET_MS = 5000;
/** The gateway delivers what it holds within a minute after the network is back; a request without an answer is given up after one. */
const PATIENCE_MS = 600_000;

/** Only the steps whose name matches: `CLAWDBOT_FAULTS=killed`. */
const WANTED = new RegExp(process.env['CLAWDBOT_FAULTS'] ?? '');

const skip = cannotRun || noAlertmanager;

/** What became of the alerts of a fault: each is one message when it begins and one that answers it when it ends. */
interface Tally {
  rounds: number;
  lost: number;
  doubled: number;
  /** Doubled messages that say that they may be a repetition. */
  marked: number;
}

interface Scene {
  readonly night: Night;
  readonly alertmanager: Alertmanager;
}

const about = ({ telegram }: Night, name: string, chat: string): PhoneMessage[] =>
  telegram.messages(chat).filter(({ text }) => text.includes(`${name} detected`));
/** Waits until each chat has what `find` looks for. */
const inEveryChat = <T>(find: (chat: string) => T | undefined): Promise<T[]> =>
  waitFor(async () => {
    const found = CHATS.flatMap((chat) => find(chat) ?? []);
    return found.length === CHATS.length ? found : undefined;
  }, PATIENCE_MS);
const MARK = /talvez repetid/i;

async function play(t: TestContext, name: string, step: (t: TestContext) => Promise<void>): Promise<void> {
  await t.test(name, { skip: !WANTED.test(name) }, step);
}

/** Plays rounds of a fault: `begins` pushes the alert and does harm, then the alert ends; counts what the phone got. */
async function playRounds(
  t: TestContext,
  { night, alertmanager }: Scene,
  fault: { readonly name: string; readonly rounds: number; begins(alert: string): Promise<void>; ends?(alert: string): Promise<void> },
): Promise<Tally> {
  const alerts = Array.from({ length: alertsFor(fault.rounds) }, (_round, n) => `${fault.name}${n}x`);
  const tookMs: number[] = [];
  for (const alert of alerts) {
    const startedAt = Date.now();
    await fault.begins(alert);
    const first = await inEveryChat((chat) => about(night, alert, chat)[0]);
    tookMs.push(...first.map(({ at }) => at - startedAt));
    await (fault.ends?.(alert) ?? alertmanager.push({ name: alert, isOver: true }));
    await inEveryChat((chat) => about(night, alert, chat).find(({ replyTo }) => replyTo !== null));
  }
  await wait(QUIET_MS);
  const tally: Tally = { rounds: alerts.length * CHATS.length, lost: 0, doubled: 0, marked: 0 };
  for (const [alert, chat] of alerts.flatMap((one) => CHATS.map((to) => [one, to] as const))) {
    const messages = about(night, alert, chat);
    const ends = messages.filter(({ replyTo }) => replyTo !== null);
    const begins = messages.filter(({ replyTo }) => replyTo === null);
    for (const list of [begins, ends]) {
      if (list.length === 0) tally.lost += 1;
      tally.doubled += Math.max(0, list.length - 1);
      tally.marked += list.slice(1).filter(({ rangWith }) => MARK.test(rangWith)).length;
    }
  }
  const worstS = Math.round(Math.max(...tookMs) / 100) / 10;
  t.diagnostic(JSON.stringify({ fault: fault.name, ...tally, worstS }));
  return tally;
}

const NONE = { lost: 0, doubled: 0, marked: 0 };
const clean = (rounds: number): Tally => ({ rounds: alertsFor(rounds) * CHATS.length, ...NONE });

test('pages through faults: none is lost, none comes twice', { timeout: 6 * 3_600_000, skip }, async (t) => {
  const night = await startNight(t, {
    plugin: { messagesPerMinute: 100_000, deliverTo: CHATS.map((to) => ({ channel: 'telegram', to })) },
  });
  const { telegram, gateway } = night;
  const alertmanager = await createAlertmanager(t, night);
  await alertmanager.start();
  const scene = { night, alertmanager };

  await play(t, 'the same notification three times at once', async () => {
    const payload = notification({ group: 'Thrice detected' });
    // As Alertmanager does: again until it is taken.
    const deliver = () => waitFor(async () => ((await night.notify(payload).catch(() => 0)) === 200 ? true : undefined));
    await Promise.all([deliver(), deliver(), deliver()]);
    await wait(QUIET_MS);
    for (const chat of CHATS) assert.equal(about(night, 'Thrice', chat).length, 1, chat);
  });

  const answers: readonly (readonly [string, Fault])[] = [
    ['Works', { kind: 'status', status: 200 }],
    ['TooMany', { kind: 'status', status: 429, retryAfter: 1, description: 'Too Many Requests: retry after 1' }],
    ['Broken', { kind: 'status', status: 500 }],
    ['Forbidden', { kind: 'status', status: 403, description: 'Forbidden: bot was blocked by the user' }],
    ['HangsUp', { kind: 'hangup' }],
    ['Slow', { kind: 'slow', ms: 3000 }],
  ];
  for (const [name, fault] of answers)
    await play(t, `Telegram answers a message and its end with ${JSON.stringify(fault)}`, async (step) => {
      const push = async (alert: string, isOver: boolean): Promise<void> => {
        telegram.fail(name === 'Works' ? null : fault, 'first');
        await alertmanager.push({ name: alert, isOver });
      };
      const tally = await playRounds(step, scene, {
        ...{ name, rounds: ROUNDS, begins: (alert) => push(alert, false), ends: (alert) => push(alert, true) },
      });
      assert.deepEqual(tally, clean(ROUNDS));
    });

  await play(t, 'Telegram refuses connections', async (step) => {
    const push = async (alert: string, isOver: boolean): Promise<void> => {
      await telegram.setDown(true);
      await alertmanager.push({ name: alert, isOver });
      await wait(1500);
      await telegram.setDown(false);
    };
    const rounds = Math.ceil(ROUNDS / 4);
    const tally = await playRounds(step, scene, {
      ...{ name: 'Refuses', rounds, begins: (alert) => push(alert, false), ends: (alert) => push(alert, true) },
    });
    assert.deepEqual(tally, clean(rounds));
  });

  await play(t, 'Telegram takes a request and never answers', async (step) => {
    const tally = await playRounds(step, scene, {
      ...{ name: 'Hangs', rounds: SLOW_ROUNDS },
      begins: async (alert) => {
        telegram.fail({ kind: 'hang' }, CHATS.length);
        await alertmanager.push({ name: alert });
      },
    });
    assert.deepEqual(tally, clean(SLOW_ROUNDS));
  });

  await play(t, 'Alertmanager is killed while the alert fires, and forgets whom it has notified', async (step) => {
    const rounds = Math.ceil(ROUNDS / 4);
    const tally = await playRounds(step, scene, {
      ...{ name: 'AmDies', rounds },
      begins: async (alert) => {
        await alertmanager.push({ name: alert });
        await wait(Math.random() * 1500);
        await alertmanager.kill();
        await alertmanager.start();
        await alertmanager.push({ name: alert });
      },
    });
    assert.deepEqual(tally, clean(rounds));
  });

  for (const [name, signal] of [
    ['GwDies', 'SIGKILL'],
    ['GwEnds', 'SIGTERM'],
  ] as const)
    await play(t, `the gateway is ended by ${signal} while the alert fires, and starts again`, async (step) => {
      const tally = await playRounds(step, scene, {
        ...{ name, rounds: SLOW_ROUNDS },
        begins: async (alert) => {
          await alertmanager.push({ name: alert });
          await wait(Math.random() * 2000);
          await gateway.stop(signal);
          await gateway.start();
          await alertmanager.push({ name: alert });
        },
      });
      // Between Telegram's taking a message and its note on the disk lie some milliseconds: docs/clawdbot.md says what happens then.
      assert.equal(tally.lost, 0);
      assert.equal(tally.doubled, tally.marked, 'a message that may be a repetition says so');
    });

  for (const takes of [false, true])
    await play(t, `the gateway is killed before Telegram answers, which has ${takes ? '' : 'not '}taken the message`, async (step) => {
      const tally = await playRounds(step, scene, {
        ...{ name: takes ? 'GwDiesLate' : 'GwDiesEarly', rounds: SLOW_ROUNDS },
        begins: async (alert) => {
          const known = telegram.calls.length;
          telegram.fail({ kind: 'hang', ...(takes ? { takes } : {}) }, CHATS.length);
          await alertmanager.push({ name: alert });
          await inEveryChat((chat) => telegram.calls.slice(known).find((call) => isAbout(call, alert, chat)));
          await gateway.stop('SIGKILL');
          await gateway.start();
          await alertmanager.push({ name: alert });
          await inEveryChat((chat) => about(night, alert, chat)[takes ? 1 : 0]);
        },
      });
      const doubled = takes ? tally.rounds : 0;
      assert.deepEqual(tally, { ...clean(SLOW_ROUNDS), doubled, marked: doubled });
    });
});

const isAbout = ({ method, params }: BotCall, alert: string, chat: string): boolean =>
  method === 'sendMessage' && String(params['chat_id']) === chat && String(params['text']).includes(`${alert} detected`);

test('questions through faults: each is answered once', { timeout: 6 * 3_600_000, skip: cannotRun }, async (t) => {
  const night = await startNight(t);
  const { telegram } = night;
  const texts = (known: number): string[] =>
    telegram
      .messages(OWNER)
      .slice(known)
      .map(({ text }) => text);
  const count = (list: readonly string[], says: RegExp): number => list.filter((text) => says.test(text)).length;

  await play(t, 'two texts within 100 ms', async (step) => {
    const tally = { rounds: ROUNDS, lost: 0, doubled: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const known = telegram.messages(OWNER).length;
      telegram.write(OWNER, 'status');
      await wait(Math.random() * 100);
      telegram.write(OWNER, 'ajuda');
      await night.next(known + 1);
      await wait(200);
      for (const says of [/Transaction Guardian Status/, /Comandos/]) {
        const answers = count(texts(known), says);
        tally.lost += answers === 0 ? 1 : 0;
        tally.doubled += Math.max(0, answers - 1);
      }
    }
    step.diagnostic(JSON.stringify(tally));
    assert.deepEqual(tally, { rounds: ROUNDS, lost: 0, doubled: 0 });
  });

  await play(t, 'the same update twice', async (step) => {
    const known = telegram.messages(OWNER).length;
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = telegram.messages(OWNER).length;
      telegram.write(OWNER, `incidente fila parada ${round}`);
      telegram.repeatLastUpdate();
      await night.next(before);
    }
    await wait(QUIET_MS);
    const answers = count(texts(known), /Incidente inc-\d+ aberto/);
    const { items } = await night.guardian().get<{ items: { title: string }[] }>('/api/v1/incidents?limit=200');
    const opened = items.filter(({ title }) => title.startsWith('fila parada')).length;
    step.diagnostic(JSON.stringify({ rounds: ROUNDS, answers, opened }));
    assert.deepEqual({ answers, opened }, { answers: ROUNDS, opened: ROUNDS });
  });

  await play(t, "a stranger's click, and a stranger's text", async () => {
    const shown = telegram.messages(OWNER).find(({ buttons }) => buttons.length > 0);
    const asked = shown ?? (await night.say(OWNER, 'bananas voam'));
    const before = telegram.messages().length;
    for (let round = 0; round < ROUNDS; round += 1) {
      telegram.tap(STRANGER, asked, asked.buttons[0]?.callback_data ?? '');
      telegram.write(STRANGER, 'status');
    }
    await wait(QUIET_MS);
    assert.equal(telegram.messages().length, before);
    assert.match((await night.say(OWNER, 'status')).text, /Transaction Guardian Status/, 'the bot is still there for its owner');
  });

  await play(t, 'the server is away while its owner asks', async (step) => {
    const tally = { rounds: ROUNDS, told: 0, answered: 0 };
    await night.guardian().kill();
    const known = telegram.messages(OWNER).length;
    for (let round = 0; round < ROUNDS; round += 1)
      if ((await night.say(OWNER, 'status')).text.startsWith('⚠️ Transaction Guardian indisponível')) tally.told += 1;
    await night.startGuardian();
    for (let round = 0; round < ROUNDS; round += 1)
      if ((await night.say(OWNER, 'status')).text.includes('Transaction Guardian Status')) tally.answered += 1;
    await wait(QUIET_MS);
    assert.equal(telegram.messages(OWNER).length - known, 2 * ROUNDS);
    step.diagnostic(JSON.stringify(tally));
    assert.deepEqual(tally, { rounds: ROUNDS, told: ROUNDS, answered: ROUNDS });
  });
});
