import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  alertOf,
  createMemoryFile,
  createPhones,
  createWorld,
  createWorldOf,
  groupOf,
  resolved,
  SENT,
  settingsOf,
  TELEGRAM,
  textOf,
  WHATSAPP,
} from '../test-world.ts';

const ALERT = alertOf();

test('an alert reads as the night shift asked for', async () => {
  const { deliver, phones } = await createWorld();
  assert.deepEqual(await deliver(groupOf([ALERT]), ''), { kind: 'delivered' });
  assert.equal(
    phones.sent.map(textOf).join(),
    '🚨 CRITICAL: Zero transactions detected\nSistema: Transaction Guardian\nHora: 15:32\nAção: Verificar API imediatamente',
  );
  assert.deepEqual(
    phones.sent[0]?.buttons?.map(({ label, value }) => [label, value]),
    [
      ['Reconhecer', 'a1'],
      ['Soneca 15 min', 's1'],
      ['Runbook', 'r1'],
    ],
  );
});

const buttonsOf = ({ phones }: Awaited<ReturnType<typeof createWorld>>) =>
  phones.sent.map(({ buttons = [] }) => buttons.map(({ value }) => value).join(' '));

test('an alert of the rules of others has the buttons that the server can carry out, and none of a verdict', async () => {
  const others = alertOf({ labels: { alertname: 'HostDown', severity: 'critical', instance: 'db-1' } });
  const world = await createWorld();
  await world.deliver(groupOf([others], 'none'), '');
  world.acts.elsewhere = true;
  const known = { ...others, fingerprint: 'bbbbbbbbbbbbbbb1' };
  await world.deliver(groupOf([known], 'in Alertmanager'), '');
  await world.deliver(groupOf([resolved(known)], 'in Alertmanager'), '');
  // The first message loses its buttons when it ends.
  assert.deepEqual(buttonsOf(world), ['', 'a2 s2', '']);
  assert.deepEqual(
    world.phones.sent.map(({ edited }) => edited.length),
    [0, 1, 0],
  );
});

test('what is about the server itself, and comes from the server, cannot be held back by anybody', async () => {
  const world = await createWorld();
  world.acts.elsewhere = true;
  const labels = { alertname: 'GuardianDiskFull', severity: 'critical', type: 'disk_full', service: 'transaction-guardian' };
  await world.deliver(groupOf([alertOf({ labels })], 'guardian'), 'n-1');
  assert.deepEqual(buttonsOf(world), ['']);
});

test('a briefing that waits can be accepted, and a silence in force ended', async () => {
  const world = await createWorld(settingsOf({ deliverTo: [TELEGRAM] }));
  const service = 'transaction-guardian';
  const briefing = { alertname: 'GuardianBriefing', severity: 'info', briefing: 'night-2026-11-28-start', service };
  const long = { ...briefing, briefing: `${'n'.repeat(40)}-2026-11-28-start` };
  const silence = { alertname: 'GuardianSilence', severity: 'info', silence_id: 'si_1f2e3d4c5b6a', service };
  for (const [at, labels] of [briefing, long, silence].entries())
    await world.deliver(groupOf([alertOf({ labels, fingerprint: String(at) })], String(at)), `n-${at}`);
  assert.deepEqual(buttonsOf(world), ['accept night-2026-11-28-start', 'accept', 'end silence si_1f2e3d4c5b6a']);
});

test('a test page reaches a receiver of critical alerts only, and a warning does not', async () => {
  const { deliver, phones } = await createWorld(settingsOf({ deliverTo: [{ ...TELEGRAM, severities: ['critical'] }] }));
  const labels = { alertname: 'GuardianTestPage', severity: 'info', service: 'transaction-guardian' };
  await deliver(groupOf([alertOf({ labels })], 'test'), '');
  await deliver(groupOf([alertOf({ severity: 'warning', fingerprint: 'w' })], 'w'), '');
  assert.equal(phones.sent.length, 1);
});

test('the words of the server are taken as they are', async () => {
  const { deliver, phones } = await createWorld();
  const message = '🚨 CRÍTICO: Negadas acima do normal · código 51\nSistema: Transaction Guardian\nHora: 08:56\nAção: Acionar o emissor';
  await deliver(
    groupOf([{ ...ALERT, annotations: { message, url: 'http://127.0.0.1:8001/anomalies/1', runbook_url: 'https://wiki.example/x' } }]),
    '',
  );
  assert.equal(
    textOf(phones.sent[0] ?? { lines: [] }),
    `${message}\nRunbook: https://wiki.example/x`,
    'a link of this machine is of no use on a phone',
  );
});

test('an alert that Alertmanager ended by itself is not said to be over', async () => {
  const { deliver, phones } = await createWorld();
  const message = '🚨 CRÍTICO: Zero transações\nSistema: Transaction Guardian\nHora: 02:41\nAgora: 0/min';
  const alert = alertOf({ annotations: { message, summary: '🚨 CRÍTICO: Zero transações' } });
  await deliver(groupOf([alert]), '');
  await deliver(groupOf([resolved(alert)]), '');
  assert.equal(
    textOf(phones.sent[1] ?? { lines: [] }),
    '❔ SEM CONFIRMAÇÃO: Zero transações\nO Alertmanager encerrou o alerta porque o Guardian não o renovou. Não se sabe se acabou: envie "status".',
  );
});

test('the end that the server words is the end', async () => {
  const { deliver, phones } = await createWorld();
  const over = '✅ RESOLVIDO: Zero transações\nSistema: Transaction Guardian\nHora: 02:41–02:46 (6 min)';
  await deliver(groupOf([resolved(alertOf({ annotations: { message: over } }))]), '');
  assert.equal(textOf(phones.sent[0] ?? { lines: [] }), over);
});

test('where there are no buttons the message names codes', async () => {
  const { deliver, phones } = await createWorld(settingsOf({ deliverTo: [WHATSAPP] }));
  await deliver(groupOf([ALERT]), '');
  assert.match(textOf(phones.sent[0] ?? { lines: [] }), /\n\nResponda: a1\sreconhecer ·\ss1\ssoneca\s15\smin ·\sr1\srunbook$/);
});

test('a message can be tapped before its channel has answered, also one that a channel calls failed', async () => {
  const world = await createWorld();
  const { phones, ledger } = world;
  const known: (number | undefined)[] = [];
  const deliver = phones.send;
  phones.send = async (target, message) => {
    known.push(ledger.byNumber('telegram:777', known.length + 1)?.alerts.length);
    return known.length === 1 ? { kind: 'failed', error: 'no answer within 30 s', mayHaveArrived: true } : deliver(target, message);
  };
  assert.equal((await world.deliver(groupOf([ALERT]), '')).kind, 'failed');
  assert.equal((await world.deliver(groupOf([ALERT]), '')).kind, 'delivered');
  assert.deepEqual(known, [1, 1]);
  assert.deepEqual(ledger.byNumber('telegram:777', 1)?.alerts, ledger.byNumber('telegram:777', 2)?.alerts);
});

test('the same notification twice is one message, also at once and after a restart', async () => {
  const world = await createWorld();
  await Promise.all([world.deliver(groupOf([ALERT]), ''), world.deliver(groupOf([ALERT]), '')]);
  await world.deliver(groupOf([ALERT]), '');
  const again = await world.restart();
  await again.deliver(groupOf([ALERT]), '');
  assert.equal(again.phones.sent.length, 1);
});

test('a disk that is full makes no page come again', async () => {
  const file = { ...createMemoryFile(), write: () => Promise.reject(new Error('ENOSPC')) };
  const { deliver, phones } = await createWorldOf(settingsOf(), createPhones(), { told: file, sending: createMemoryFile() });
  assert.equal((await deliver(groupOf([ALERT]), '')).kind, 'delivered');
  assert.equal((await deliver(groupOf([ALERT]), '')).kind, 'delivered');
  assert.equal(phones.sent.length, 1);
});

test('an alert that begins again is another one', async () => {
  const { deliver, phones } = await createWorld();
  await deliver(groupOf([ALERT]), '');
  await deliver(groupOf([resolved(ALERT)]), '');
  await deliver(groupOf([{ ...ALERT, startsAt: '2026-11-28T19:02:00.000Z' }]), '');
  assert.equal(phones.sent.length, 3);
});

test('the end answers the message that rang, which then shows it and has no buttons', async () => {
  const world = await createWorld();
  await world.deliver(groupOf([ALERT]), '');
  const { deliver, phones } = await world.restart();
  await deliver(groupOf([resolved(ALERT)]), '');
  const [first, second] = phones.sent;
  assert.equal(second?.replyTo, first?.messageId);
  assert.match(textOf(second ?? { lines: [] }), /^✅ RESOLVIDO: Zero transactions detected\n.*\nHora: 15:32–15:40/);
  assert.match(textOf(first ?? { lines: [] }), /^✅ RESOLVIDO/);
  assert.equal(first?.buttons, second?.buttons === undefined ? undefined : first?.buttons);
  assert.deepEqual(
    second?.buttons?.map(({ value }) => value),
    ['u2', 'n2'],
  );
});

test('what joins a group changes its message; what is critical makes a sound', async () => {
  const { deliver, phones } = await createWorld();
  const warning = alertOf({ severity: 'warning', fingerprint: '1'.repeat(16) });
  const other = alertOf({ severity: 'warning', fingerprint: '2'.repeat(16) });
  await deliver(groupOf([warning]), '');
  await deliver(groupOf([warning, other]), '');
  assert.equal(phones.sent.length, 1);
  assert.match(textOf(phones.sent[0] ?? { lines: [] }), /2 alertas no grupo/);
  await deliver(groupOf([warning, other, ALERT]), '');
  assert.equal(phones.sent.length, 2, 'a critical one rings');
  assert.match(textOf(phones.sent[1] ?? { lines: [] }), /^🚨 CRITICAL/);
});

test('what a message shows after a change is proven too, as a receipt of its own', async () => {
  const { deliver, receipts, pass } = await createWorld();
  const warning = alertOf({ severity: 'warning', fingerprint: '1'.repeat(16) });
  await deliver(groupOf([warning]), 'nt_1');
  pass(1000);
  await deliver(groupOf([warning, alertOf({ severity: 'warning', fingerprint: '2'.repeat(16) })]), 'nt_2');
  assert.deepEqual(
    receipts.map(({ notification, messageId, part }) => [notification, messageId, part !== undefined]),
    [
      ['nt_1', '100', false],
      ['nt_2', '100', true],
    ],
  );
});

test('a message about several alerts lists the others as branches, the last one last', async () => {
  const { deliver, phones } = await createWorld();
  await deliver(groupOf(['1', '2', '3'].map((n) => alertOf({ severity: 'warning', fingerprint: n.repeat(16) }))), '');
  const title = 'WARNING: Zero transactions detected · 15:32';
  assert.ok(textOf(phones.sent[0] ?? { lines: [] }).endsWith(`\n\n3 alertas no grupo\n├── ⚠️ ${title}\n└── ⚠️ ${title}`));
});

test('where messages cannot be changed, news is a message', async () => {
  const { deliver, phones } = await createWorld(settingsOf({ deliverTo: [WHATSAPP] }));
  const warning = alertOf({ severity: 'warning', fingerprint: '1'.repeat(16) });
  await deliver(groupOf([warning]), '');
  await deliver(groupOf([warning, alertOf({ severity: 'warning', fingerprint: '2'.repeat(16) })]), '');
  assert.equal(phones.sent.length, 2);
});

test('a message that was deleted does not swallow news', async () => {
  const { deliver, phones } = await createWorld();
  const warning = alertOf({ severity: 'warning', fingerprint: '1'.repeat(16) });
  await deliver(groupOf([warning]), '');
  phones.isEditable = false;
  await deliver(groupOf([warning, alertOf({ severity: 'warning', fingerprint: '2'.repeat(16) })]), '');
  assert.equal(phones.sent.length, 2);
});

test('what a channel did not take is asked for again, and is told once', async () => {
  const { deliver, phones, receipts } = await createWorld();
  phones.outcome = { kind: 'failed', error: 'HTTP 500', mayHaveArrived: false };
  assert.deepEqual(await deliver(groupOf([ALERT]), ''), { kind: 'failed', error: 'HTTP 500' });
  phones.outcome = null;
  assert.deepEqual(await deliver(groupOf([ALERT]), ''), { kind: 'delivered' });
  await deliver(groupOf([ALERT]), '');
  assert.equal(phones.sent.length, 1);
  assert.deepEqual(
    receipts.map(({ state, messageId }) => [state, messageId]),
    [
      ['failed', null],
      ['delivered', '100'],
    ],
  );
});

test('what a channel did not answer comes again and says so, also after a restart; what it refused does not', async () => {
  for (const isRestarted of [false, true]) {
    const before = await createWorld();
    before.phones.outcome = { kind: 'failed', error: 'socket hang up', mayHaveArrived: true };
    assert.equal((await before.deliver(groupOf([ALERT]), '')).kind, 'failed');
    before.phones.outcome = null;
    const { deliver, phones } = isRestarted ? await before.restart() : before;
    await deliver(groupOf([ALERT]), '');
    assert.match(textOf(phones.sent[0] ?? { lines: [] }), /^🚨 CRITICAL: Zero transactions detected \(talvez repetido\)\n/);
  }
  const { deliver, phones } = await createWorld();
  phones.outcome = { kind: 'failed', error: 'blocked', mayHaveArrived: false };
  await deliver(groupOf([ALERT]), '');
  phones.outcome = null;
  await deliver(groupOf([ALERT]), '');
  assert.match(textOf(phones.sent[0] ?? { lines: [] }), /^🚨 CRITICAL: Zero transactions detected\n/);
});

test('one receiver that fails does not double the message of the other', async () => {
  const { deliver, phones } = await createWorld(settingsOf({ deliverTo: [TELEGRAM, { channel: 'telegram', to: '888' }] }));
  const { send } = phones;
  phones.send = async (target, message) =>
    target.to === '888' ? { kind: 'failed', error: 'blocked', mayHaveArrived: false } : send(target, message);
  assert.equal((await deliver(groupOf([ALERT]), '')).kind, 'failed');
  phones.send = send;
  assert.equal((await deliver(groupOf([ALERT]), '')).kind, 'delivered');
  assert.deepEqual(
    phones.sent.map(({ target }) => target.to),
    ['777', '888'],
  );
});

test('a reminder is a message, a repetition of the transport is not', async () => {
  const { deliver, phones, pass } = await createWorld();
  await deliver(groupOf([ALERT]), 'nt_1');
  pass(11 * 60_000);
  await deliver(groupOf([ALERT]), 'nt_1');
  assert.equal(phones.sent.length, 1, 'the same notification');
  await deliver(groupOf([ALERT]), 'nt_2');
  assert.equal(phones.sent.length, 2);
  assert.match(textOf(phones.sent[1] ?? { lines: [] }), /^🔁 Ainda ativo: 🚨/);
});

test('what Alertmanager told already is proven to the server, and not told again', async () => {
  const { deliver, phones, receipts } = await createWorld();
  await deliver(groupOf([ALERT], '{}:{cause="fleet"}'), '');
  await deliver(groupOf([ALERT], '{}:{scope="fleet"}'), 'nt_1');
  assert.equal(phones.sent.length, 1);
  assert.deepEqual(
    receipts.map(({ messageId, notification }) => [messageId, notification]),
    [
      ['100', ''],
      ['100', 'nt_1'],
    ],
  );
});

test('each step of an escalation makes a sound, also in the chat that has the alert; its end does once', async () => {
  const { deliver, phones, receipts } = await createWorld();
  const escalation = '{}:{scope="escalation", anomaly_id="an_1"}';
  const step = (n: number) => {
    const { annotations } = ALERT;
    return groupOf([{ ...ALERT, annotations: { ...annotations, summary: `${annotations['summary']} ${n}` } }], escalation);
  };
  await deliver(groupOf([ALERT]), 'nt_1');
  await deliver(step(1), 'nt_2');
  await deliver(step(1), 'nt_2');
  await deliver(step(2), 'nt_3');
  assert.equal(phones.sent.length, 3, 'a repetition of the transport is none');
  assert.deepEqual(
    receipts.map(({ notification }) => notification),
    ['nt_1', 'nt_2', 'nt_3'],
  );
  await deliver(groupOf([resolved(ALERT)]), 'nt_4');
  await deliver(groupOf([resolved(ALERT)], escalation), 'nt_5');
  assert.equal(phones.sent.length, 4);
  assert.match(textOf(phones.sent[2] ?? { lines: [] }), /RESOLVIDO/, 'the last step shows the end');
  assert.equal(receipts.at(-1)?.notification, 'nt_5');

  const { deliver: other, phones: others } = await createWorld();
  await other(step(1), 'nt_2');
  await other(groupOf([resolved(ALERT)], escalation), 'nt_5');
  assert.equal(others.sent.length, 2, 'who has only the step hears of the end');
});

test('a receiver gets the severities that it names', async () => {
  const { deliver, phones } = await createWorld(settingsOf({ deliverTo: [{ ...TELEGRAM, severities: ['critical'] }] }));
  assert.deepEqual(await deliver(groupOf([alertOf({ severity: 'warning' })]), ''), { kind: 'delivered' });
  assert.equal(phones.sent.length, 0);
});

/** A gateway that was killed while it sent a message about an alert: nothing but the intent is on disk. */
async function killedWhileSending() {
  const before = await createWorld();
  await new Promise<void>((resolve) => {
    before.phones.send = () => {
      resolve();
      return new Promise(() => undefined);
    };
    void before.deliver(groupOf([ALERT]), '');
  });
  const phones = createPhones();
  return { ...(await before.restart(phones)), phones };
}

test('what a killed gateway sent after all is not sent again, and its buttons work', async () => {
  const { deliver, phones, recovery, ledger, receipts } = await killedWhileSending();
  recovery.observe('telegram', { to: '777', content: SENT, success: true, messageId: '42' });
  assert.deepEqual(await deliver(groupOf([ALERT]), ''), { kind: 'delivered' });
  assert.equal(phones.sent.length, 0);
  assert.equal(ledger.byNumber('telegram:777', 1)?.messageId, '42');
  assert.deepEqual(
    receipts.map(({ messageId, state }) => [messageId, state]),
    [['42', 'delivered']],
  );
  await deliver(groupOf([resolved(ALERT)]), '');
  assert.equal(phones.sent[0]?.replyTo, '42', 'the end answers it');
  assert.notEqual(ledger.last('telegram:777', 'merchant/m-1')?.number, 1, 'its number is not given again');
});

test('what a killed gateway may have sent is sent again, and says so; also where its queue says nothing of it', async () => {
  const unsure = await killedWhileSending();
  unsure.recovery.observe('telegram', { to: 'telegram:777', content: SENT, success: false });
  await unsure.deliver(groupOf([ALERT]), '');
  assert.match(textOf(unsure.phones.sent[0] ?? { lines: [] }), /^🚨 CRITICAL: Zero transactions detected \(talvez repetido\)\n/);
  assert.equal(unsure.ledger.byNumber('telegram:777', 1)?.groupKey, 'merchant/m-1', 'the buttons of both work');
  await unsure.deliver(groupOf([ALERT]), '');
  assert.equal(unsure.phones.sent.length, 1);

  const silent = await killedWhileSending();
  await silent.deliver(groupOf([ALERT]), '');
  assert.match(textOf(silent.phones.sent[0] ?? { lines: [] }), /\(talvez repetido\)/);
});
