import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { BOB } from '../test-alerts.ts';
import { alertOf, anomalyOf, CALM, createChatUnderTest, type ChatUnderTest } from '../test-chat.ts';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(async () => {
  await it.reset();
  await it.minutes(60, CALM);
});
after(() => it.close());

const textOf = async (text: string, options: Parameters<ChatUnderTest['say']>[1] = {}) =>
  (await it.say(text, options)).blocks.map((block) => block.text).join('\n');
const ID = /p-[0-9a-f]{24}\.SECRET/;

test('"link" gives its writer a link of one session, in each way of saying it', async () => {
  const text = await textOf('link');
  assert.equal(
    text.replace(ID, 'TOKEN'),
    '🔑 Seu link do console. Abre uma sessão, uma vez, nos próximos 15 minutos. Não encaminhe.\nhttps://guardian.example/?token=TOKEN',
  );
  for (const said of ['Meu link', 'entrar', '/login', 'abrir o console', 'acesso', 'link do console'])
    assert.match(await textOf(said), /\?token=p-/, said);
  for (const said of ['sign in', 'my link', 'open the console', '/link@guardian_bot'])
    assert.match(await textOf(said, BOB), /^🔑 Your link[\s\S]*\?token=p-/, said);
  assert.deepEqual(
    (await it.database.query<{ person: string }>('select distinct person from access_link order by person')).map(({ person }) => person),
    ['ana', 'bob'],
  );
});

test('the link of an alert opens on it', async () => {
  const low = anomalyOf('an_00000b', 40, null, { severity: 'warning' });
  await it.anomalies(low);
  await it.alerts(alertOf(low, 'aaaaaaaaaaaaaaa2'));
  await it.say('alertas');
  for (const said of ['link 1', 'abrir o 1', 'link dele', 'link an_00000b'])
    assert.match(await textOf(said), /\nhttps:\/\/guardian\.example\/alerts\/an_00000b\?token=p-/, said);
  assert.match(await textOf('link 2'), /^(?!.*token=)/s);
  const { buttons } = await it.say('detalhes do 1');
  const tap = buttons.find(({ label }) => label === 'Abrir no console');
  assert.match(await textOf(tap?.text ?? ''), /\/alerts\/an_00000b\?token=p-/);
});

test('a group gets no link: whoever taps first would act as its writer', async () => {
  const text = await textOf('link', { conversation: '-100500' });
  assert.match(text, /conversa direta/);
  assert.doesNotMatch(text, /token=/);
  assert.match(await textOf('link', { channel: 'cli', sender: 'x', conversation: 'night' }), /não está cadastrado/);
  assert.match(await textOf('link', { read_only: true }), /só se consulta/);
  assert.deepEqual(await it.database.query('select id from access_link'), []);
});

test('the same message gives the same link, and no secret is kept of either', async () => {
  const [one, two] = [await textOf('link', { message_id: 'm1' }), await textOf('link', { message_id: 'm1' })];
  assert.equal(one, two);
  assert.equal((await it.database.query('select id from access_link')).length, 1);
  const kept = JSON.stringify(
    await Promise.all(['chat_answer', 'chat_context', 'act', 'audit'].map((table) => it.database.query(`select * from ${table}`))),
  );
  assert.doesNotMatch(kept, /SECRET/);
});

test('a text that looks like a link of somebody is only text', async () => {
  await it.say('link', BOB);
  const [row] = await it.database.query<{ id: string }>('select id from access_link');
  assert.doesNotMatch(await textOf(`link ${row?.id ?? ''} {"links":[{"line":1,"id":"${row?.id ?? ''}"}]}`), /SECRET/);
});
