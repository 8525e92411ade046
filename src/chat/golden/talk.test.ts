import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { isGuardianError } from '../../errors.ts';
import { alertOf, anomalyOf, CALM, createChatUnderTest, NIGHT, type ChatUnderTest } from '../test-chat.ts';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(() => it.reset());
after(() => it.close());

const textOf = async (text: string, options: Parameters<ChatUnderTest['say']>[1] = {}) =>
  (await it.say(text, options)).blocks.map((block) => block.text).join('\n');

async function twoAlerts(): Promise<void> {
  await it.minutes(60, CALM);
  const zero = anomalyOf('an_00000a', 12, null, { type: 'zero_transactions' });
  const low = anomalyOf('an_00000b', 40, null, {
    severity: 'warning',
    node: { kind: 'merchant', merchant_id: 'loja-9' },
    slice: { merchant_id: 'loja-9', share: 1 },
    reasons: [{ code: 'below', params: { what: 'total', observed: 2, expected: 14, z: -4.1 } }],
  });
  await it.anomalies(
    zero,
    low,
    anomalyOf('an_00000c', 1500, 9, { node: { kind: 'merchant', merchant_id: 'loja-9' }, slice: { merchant_id: 'loja-9', share: 1 } }),
  );
  await it.alerts(alertOf(zero, 'aaaaaaaaaaaaaaa1'), alertOf(low, 'aaaaaaaaaaaaaaa2'));
}

test('details of an entry, why, and a verdict about it', async () => {
  await twoAlerts();
  await it.say('alertas');
  await it.transcript(`
> detalhes do 2
🟡 Volume baixo · lojista loja-9 #2
├── Severidade: Atenção
├── Início: 02:32 (40min)
├── Status: Em aberto
├── Agora: 620/min, esperado 1.247 (1.141–1.353), z -2,8 (02:32)
├── Pior minuto: 620/min, esperado 1.247 (1.141–1.353), z -2,8 (02:32)
├── Motivos: Total 2,0/min contra 14,0 esperados (z -4,1).
├── Ação: Confirmar se a queda é real: verificar a API, a rede e o lojista afetado
├── Runbook: low-volume
└── Id: an_00000b

> por quê?
❓ Volume baixo · lojista loja-9 #2
├── Total 2,0/min contra 14,0 esperados (z -4,1)
├── Pior minuto: 620/min, esperado 1.247 (1.141–1.353), z -2,8 (02:32)
└── Parecidas em 90 dias: 1, a última há 1 dia; duração mediana 9min

> útil
✅ Volume baixo #2: marcada como útil

> ruído 1
✅ Zero transações #1: marcada como ruído

> aceitar nível 1
❌ Zero transações #1: a falta de todo o tráfego nunca é normal

> detalhes do 3
Não existe o item 3: a última lista tem 2`);
});

test('numbers mean what this person was shown in this conversation, and nobody else', async () => {
  await twoAlerts();
  await it.say('alertas');
  assert.match(await textOf('detalhes do 2'), /loja-9/);
  assert.match(await textOf('detalhes do 2', { conversation: 'another' }), /Nenhuma lista recente/);
  assert.match(await textOf('details of 2', { sender: '888' }), /No recent list/);
  await it.say('anomalias última hora');
  assert.match(await textOf('detalhes do 1'), /Volume baixo · lojista loja-9/, 'the newer list, in order of time');
});

test('a conversation is forgotten after two hours', async () => {
  await twoAlerts();
  await it.say('alertas');
  await it.say('taxa de aprovação');
  it.clock.at = NIGHT + 2 * 3_600_000 + 1;
  const forgotten = ['detalhes do 2', 'por quê 2', 'ack 2', '2a', '2s', '1r', 'executa o runbook dele', 'útil 2', 'escalar 2'];
  for (const line of [...forgotten, 'silenciar 2 por 1h', 'link 2']) assert.match(await textOf(line), /Nenhuma lista recente/, line);
  assert.match(await textOf('e ontem?'), /Sobre o quê\?/);
  const held = await it.database.query('select 1 from alert_response union all select 1 from silence union all select 1 from runbook_run');
  assert.deepEqual(held, [], 'an old list acts on nothing');
});

test('the same message again gets the same answer and does nothing; another text under its id is refused', async () => {
  await twoAlerts();
  await it.say('alertas');
  const first = await it.say('ruído 2', { message_id: 'once' });
  const again = await it.say('ruído 2', { message_id: 'once' });
  assert.deepEqual(again, first);
  const rows = await it.database.query('select number from feedback');
  assert.equal(rows.length, 1);
  await assert.rejects(it.say('ruído 1', { message_id: 'once' }), (error) => isGuardianError(error, 'ACT_CONFLICT'));
  const both = await Promise.all([it.say('status', { message_id: 'twice' }), it.say('status', { message_id: 'twice' })]);
  assert.deepEqual(both[0], both[1]);
});

test('whoever may only look is reported which role it takes', async () => {
  await twoAlerts();
  await it.say('alertas', { sender: '999' });
  assert.equal(await textOf('útil 1', { sender: '999' }), 'Você não tem permissão: é preciso o papel de operador (operator)');
  assert.equal((await it.database.query('select number from feedback')).length, 0);
});

test('a stranger gets one refusal, never data, and is in the audit', async () => {
  await twoAlerts();
  const first = await it.say('status', { sender: '666' });
  assert.deepEqual(
    first.blocks.map(({ text }) => text),
    ['Não conheço você. Peça a um administrador para incluir sua conta em "people".'],
  );
  assert.deepEqual([first.buttons, first.follow_ups, first.attachments], [[], [], []]);
  assert.deepEqual((await it.say('alertas', { sender: '666' })).blocks, []);
  const rows = await it.database.query<{ entry: { verb: string; actor: { name: string } } }>('select entry from audit');
  assert.deepEqual(
    rows.map(({ entry }) => [entry.verb, entry.actor.name]).filter(([verb]) => verb === 'sender.refuse'),
    [['sender.refuse', 'telegram:666']],
  );
});

test('a session of the console speaks for itself, whatever sender it names', async () => {
  await twoAlerts();
  const session = {
    id: 'session:1',
    kind: 'person',
    name: 'x',
    claimed_name: null,
    channel: 'console',
    address: null,
    scopes: ['read'],
    role: null,
    message_id: null,
  } as const;
  await it.say('alertas');
  assert.match(await textOf('detalhes do 1', { caller: session }), /Nenhuma lista recente/, 'what Ana was shown is hers');
  await it.say('alertas', { caller: session, channel: 'telegram', sender: '777' });
  assert.match(await textOf('útil 1', { caller: session, channel: 'telegram', sender: '777' }), /não tem permissão/);
});

test('who has signed in by a program is spoken to in the own language, whatever the request asks for', async () => {
  const bob = {
    ...({ id: 'bob', kind: 'person', name: 'Bob', claimed_name: null, channel: 'cli', address: null } as const),
    ...({ scopes: ['read'], role: 'operator', message_id: null } as const),
  };
  const answer = await it.say('alertas', { caller: bob, channel: 'cli', sender: 'cli' });
  assert.equal(answer.locale, 'en');
});

test('a merchant that stopped days ago can be asked about and silenced', async () => {
  await it.minutes(60, { ...CALM, 'approved/loja-8/acq-1': 14 }, { endsAgo: 3000 });
  await it.minutes(60, CALM);
  assert.match(await textOf('volume do lojista loja-8'), /^📈 Volume · lojista loja-8/);
  assert.match(await textOf('silenciar lojista loja-8 por 2h'), /loja-8/);
  assert.match(await textOf('silêncios'), /loja-8/);
});

test('a question about a name that nothing has is still what is talked about', async () => {
  await it.minutes(60, CALM);
  await it.say('anomalias última hora');
  assert.match(await textOf('volume do lojista nada-1'), /nada-1/);
  assert.match(await textOf('e ontem?'), /nada-1/);
});

test('several lines are answered line by line, each with what the one before showed', async () => {
  await twoAlerts();
  const answer = await it.say('alertas\n\ndetalhes do 2\nxyz');
  assert.deepEqual(
    answer.blocks.map(({ line, text }) => [line, text.split('\n')[0]]),
    [
      [1, '🚨 2 Alertas Ativos'],
      [2, '🟡 Volume baixo · lojista loja-9 #2'],
      [3, 'Não entendi "xyz". Você quis dizer:'],
    ],
  );
});

test('a suggestion that acts has no button but in the words of its writer', async () => {
  const tapsOf = async (text: string): Promise<string[]> => (await it.say(text)).buttons.map((button) => button.text);
  assert.deepEqual(await tapsOf('tem algo aberto no lojista'), []);
  assert.match(await textOf('a api ta lenta demais'), /incidente API lenta/);
  assert.deepEqual(await tapsOf('a api ta lenta demais'), []);
  assert.deepEqual(await tapsOf('acks 1'), ['ack 1']);
  assert.deepEqual(await tapsOf('ack 1?'), ['ack 1']);
});

test('what does not fit comes with mais, whole and in order', async () => {
  await it.minutes(60, CALM);
  const many = Array.from({ length: 60 }, (_, at) => anomalyOf(`an_1${String(at).padStart(5, '0')}`, 59 - at, 1, { severity: 'warning' }));
  await it.anomalies(...many);
  let answer = await it.say('anomalias última hora');
  let whole = '';
  for (let page = 0; page < 20; page++) {
    const text = answer.blocks.map((block) => block.text).join('\n');
    assert.ok(text.length <= 3500);
    whole += text;
    if (!answer.more) break;
    assert.match(text, /… envie "mais" para continuar$/);
    answer = await it.say('mais');
  }
  assert.deepEqual(
    [...whole.matchAll(/#(\d+)/g)].map(([, number]) => Number(number)),
    Array.from({ length: 60 }, (_, at) => at + 1),
  );
  assert.match(whole, /Total: 60 anomalias, todas resolvidas/);
  assert.equal(await textOf('mais'), 'Não há mais nada a mostrar');
});

test('a message that is too long does nothing and says so', async () => {
  await twoAlerts();
  await it.say('alertas');
  assert.equal(
    await textOf(`ruído 1\n${'x'.repeat(100_000)}`),
    'Mensagem longa demais (100.008 caracteres, o limite é 4.000): nada foi feito',
  );
  assert.equal((await it.database.query('select number from feedback')).length, 0);
  assert.match(await textOf('status\n'.repeat(30)), /A mensagem tem 30 linhas: só as primeiras 10 foram respondidas/);
});

test('a name with markup, line breaks or marks of direction stays on its line and keeps its hands off the rest', async () => {
  await it.minutes(60, CALM);
  const names = [
    '\u202Eevil\u202C',
    '*b*_i_`c`<b>',
    'a\nb',
    'متجر',
    'x'.repeat(300),
    '4111111111111111',
    '@everyone',
    'z\u0300\u0301\u0302\u0303\u0304\u0305',
  ];
  await it.anomalies(
    ...names.map((merchant_id, at) =>
      anomalyOf(`an_20000${at}`, 30 - at, null, {
        node: { kind: 'merchant', merchant_id },
        slice: { merchant_id, share: 1 },
        reasons: [{ code: 'merchant', params: { share: 1, merchant: merchant_id } }],
      }),
    ),
  );
  for (const question of ['anomalias última hora', 'mais', 'detalhes do 1', 'por quê 4', 'detalhes tudo', 'briefing']) {
    const text = await textOf(question);
    assert.doesNotMatch(text, /[\u202a-\u202e\u2066\u2067\u200e\u200f]/, question);
    assert.equal((text.match(/\u2068/g) ?? []).length, (text.match(/\u2069/g) ?? []).length, 'every isolate is closed');
    for (const line of text.split('\n')) if (/lojista/.test(line)) assert.match(line, /[├└│]|^[^─]*#\d+$|^\d\d:\d\d/u, line);
    assert.doesNotMatch(text, /4111111111111111/);
  }
});

test('text that is not understood gets suggestions to tap', async () => {
  const answer = await it.say('taxa de aprovaçães por mês');
  assert.equal(answer.buttons[0]?.text, 'taxa de aprovação');
  const act = await it.say('utl 1');
  assert.match(act.blocks[0]?.text ?? '', /Não entendi "utl 1"/);
});

test('help, in both languages', async () => {
  assert.match(await textOf('ajuda'), /^📖 Comandos\n├── status/);
  assert.match(await textOf('help', { sender: '888' }), /^📖 Commands\n├── status/);
  assert.match(await textOf('\u200f \n'), /^📖 Comandos/);
});
