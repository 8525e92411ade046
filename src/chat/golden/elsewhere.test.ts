import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { listAudit } from '../../store/verbs/audit/list-audit.ts';
import { CALM, createChatUnderTest, HOST_DOWN, type ChatUnderTest } from '../test-chat.ts';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(async () => {
  await it.reset();
  await it.minutes(60, CALM);
  it.held = { alerts: [HOST_DOWN], absent: [], hasOurs: false };
});
after(() => it.close());

const MINUTE_MS = 60_000;

test('an alert of other rules is acknowledged by its number: a silence of its labels in Alertmanager, by the person', async () => {
  await it.transcript(`
> alertas
🚨 1 Alerta Ativo

Só no Alertmanager, de outras regras: 1

🔴 HostDown #1
├── Severidade: Crítico
├── Início: 03:02 (há 10 minutos)
└── Descrição: db-1 não responde

> 1a
✅ HostDown #1: reconhecido por Ana. Volta a avisar às 03:42 se ainda estiver ativo.

> alertas
🚨 1 Alerta Ativo

Só no Alertmanager, de outras regras: 1

🔴 HostDown #1
├── Severidade: Crítico
├── Início: 03:02 (há 10 minutos)
├── 👤 Com Ana desde 03:12
└── Descrição: db-1 não responde`);
  const [silence, ...more] = it.silences.live();
  assert.deepEqual(more, []);
  assert.deepEqual(
    silence?.matchers.map(({ name, value, isRegex, isEqual }) => [name, value, isRegex, isEqual]),
    Object.entries(HOST_DOWN.labels).map(([name, value]) => [name, value, false, true]),
  );
  assert.equal(silence.createdBy, 'Ana');
  assert.equal(silence.endsAt - it.clock.at, 30 * MINUTE_MS);
  await it.transcript(
    `
> ack bbbbbbbbbbbbbbb1
⚠️ HostDown: Ana took it at 03:12`,
    { sender: '888' },
  );
});

test('a tap on its page snoozes it, "silêncios" lists that, and ends it', async () => {
  await it.transcript(`
> snooze bbbbbbbbbbbbbbb1 for 15m
💤 HostDown: soneca até 03:27. Se piorar, avisa antes.

> silêncios
1 silêncio ativo

Só no Alertmanager, de outras regras: 1

🔕 HostDown #1
├── Até 03:27, por Ana
└── Motivo: soneca

> encerrar silêncio 1
🔔 Silêncio encerrado: HostDown

> silêncios
✅ Nada silenciado`);
  assert.deepEqual(it.silences.live(), []);
  const { items } = await listAudit(it.database, {}, { limit: 2 });
  assert.deepEqual(
    items.map(({ verb, result }) => [verb, result]),
    [
      ['silence.end', 'done'],
      ['alert.snooze', 'done'],
    ],
  );
});

test('what is acknowledged again lasts longer, and is one silence; an undo ends it', async () => {
  await it.say('ack bbbbbbbbbbbbbbb1');
  it.clock.at += 10 * MINUTE_MS;
  await it.say('ack bbbbbbbbbbbbbbb1');
  assert.deepEqual(
    it.silences.live().map(({ endsAt }) => endsAt - it.clock.at),
    [30 * MINUTE_MS],
  );
  const [silence] = it.silences.live();
  assert.ok(silence !== undefined);
  const { id: _id, ...copy } = silence;
  await it.silences.put(copy);
  await it.say('snooze bbbbbbbbbbbbbbb1 for 5m');
  assert.deepEqual(
    it.silences.live().map(({ endsAt }) => endsAt - it.clock.at),
    [5 * MINUTE_MS],
    'of two that members of a cluster made, none outlasts what was asked for',
  );
  await it.say('ack bbbbbbbbbbbbbbb1');
  await it.say('alertas');
  await it.transcript(`
> desfazer ack 1
↩️ HostDown #1: sem responsável de novo, volta a avisar

> desfazer ack 1
ℹ️ HostDown #1: ninguém tinha reconhecido`);
  assert.deepEqual(it.silences.live(), []);
});

test('who may only look changes nothing, and the audit says that it was tried', async () => {
  assert.match(
    (await it.say('ack bbbbbbbbbbbbbbb1', { sender: '999' })).blocks[0]?.text ?? '',
    /é preciso o papel de operador \(operator\)/,
  );
  assert.match((await it.say('ack bbbbbbbbbbbbbbb1', { read_only: true })).blocks[0]?.text ?? '', /só se consulta|só leitura/);
  assert.deepEqual(it.silences.live(), []);
  const { items } = await listAudit(it.database, {}, { limit: 2 });
  assert.deepEqual(new Set(items.map(({ result }) => result)), new Set(['forbidden']));
});

test('what only ours have is not offered for it; what has ended, and an Alertmanager that is away, are said', async () => {
  await it.say('alertas');
  await it.transcript(`
> detalhes do 1
ℹ️ HostDown #1 é de outra regra: aqui dá para reconhecer, adiar e silenciar; o resto está no Alertmanager.

> silenciar 1 por 2h
💤 HostDown #1: soneca até 05:12. Se piorar, avisa antes.`);
  it.silences.isDown = true;
  await it.transcript(`
> 1a
❌ O Alertmanager não responde (am-1): nada mudou. Tente de novo em instantes.`);
  it.held = { alerts: [], absent: [], hasOurs: false };
  await it.transcript(`
> 1s
ℹ️ HostDown #1: já resolvido

> ack bbbbbbbbbbbbbbb1
ℹ️ Esse alerta não está mais ativo, nem aqui nem no Alertmanager`);
});

test('"estou acordado" takes what fires there too, but what somebody silenced', async () => {
  const others = [1, 2, 3].map((n) => ({ ...HOST_DOWN, fingerprint: `bbbbbbbbbbbbbbb${n}`, isSuppressed: n === 3 }));
  it.held = { alerts: others, absent: [], hasOurs: false };
  await it.transcript(`
> estou acordado
☕ Certo. Nenhum alerta ativo sem responsável
✅ 2 alertas de outras regras reconhecidos no Alertmanager
Causas novas continuam avisando.`);
  assert.equal(it.silences.live().length, 2);
  it.silences.isDown = true;
  it.held = { alerts: others.slice(0, 1), absent: [], hasOurs: false };
  assert.match((await it.say('estou acordado')).blocks[0]?.text ?? '', /0 reconhecidos? no Alertmanager, 1 ainda avisa/);
});
