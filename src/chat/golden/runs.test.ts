import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { runbookText, script } from '../../runbook/test-runbooks.ts';
import { BOB, VERA } from '../test-alerts.ts';
import { createChatUnderTest, type ChatUnderTest, textOfEnded } from '../test-chat.ts';

const FOREVER = 'setInterval(() => {}, 1000)';
const RUNBOOKS = {
  hangs: runbookText('hangs', script(FOREVER)),
  fails: runbookText('fails', script('process.exit(3)', '    repeatable: true')),
  'two-people': runbookText('two-people', script('1'), 'confirm: second_person'),
};

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest({ runbooks: RUNBOOKS })));
beforeEach(() => it.reset());
after(() => it.close());

const textOf = (text: string, options?: Parameters<ChatUnderTest['say']>[1]): Promise<string> => textOfEnded(it, text, options);

test('a run is cancelled from the chat, by a button, and says who did it', async () => {
  const begun = await it.say('runbook hangs');
  assert.deepEqual(
    begun.buttons.map(({ text }) => text),
    ['andamento', 'cancelar runbook'],
  );
  assert.match(await textOf('cancelar runbook', VERA), /Nenhum runbook foi executado nesta conversa/, 'hers is another conversation');
  assert.equal(await textOf('cancel runbook hangs', VERA), 'Você não tem permissão: é preciso o papel de operador (operator)');
  assert.match(await textOf('cancelar runbook'), /⏹️ Runbook cancelado no passo 1 por Ana/);
  assert.match(await textOf('cancelar runbook'), /^❌ A execução .* não está em andamento \(cancelada\)\.$/);
});

test('somebody else cancels a run by the name of its runbook; who asks for a second one gets the run that is there', async () => {
  await it.say('runbook hangs');
  const second = await it.say('runbook hangs', BOB);
  assert.match(
    second.blocks[0]?.text ?? '',
    /^❌ The runbook is already running: .*, requested by Ana at 03:12\.$/,
    'in the zone of the shift',
  );
  assert.match((await it.say('progress', BOB)).blocks[0]?.text ?? '', /Running runbook: hangs/);
  assert.match(await textOf('stop the runbook hangs', BOB), /⏹️ Runbook cancelled at step 1 by Bob/);
  assert.match(await textOf('andamento'), /⏹️ Runbook cancelado no passo 1 por Bob/);
});

test('a run that may go on where it stopped offers it', async () => {
  assert.match(await textOf('runbook fails'), /Pode ser retomado no passo 1/);
  const shown = await it.say('andamento');
  assert.deepEqual(
    shown.buttons.map(({ text }) => text),
    ['retomar runbook'],
  );
  assert.match(await textOf('retomar'), /\[1\/1\] passo\.\.\. ❌/);
  const { length } = await it.database.query('select 1 from runbook_run');
  assert.equal(length, 2, 'a run of its own');
  assert.equal(await textOf('resume runbook nothing', BOB), 'No such run: nothing');
});

test('whoever asked sees the run that a second person confirmed', async () => {
  await textOf('runbook fails');
  it.clock.at += 1000;
  const asked = await it.say('runbook two-people');
  const [, code = ''] = /confirmar ([A-Z0-9]+)/.exec(asked.blocks[0]?.text ?? '') ?? [];
  assert.equal(await textOf(`confirmar ${code}`), '❌ Uma segunda pessoa precisa confirmar; foi você quem pediu.');
  assert.match(await textOf(`confirm ${code}`, BOB), /Runbook completed/);
  assert.match(await textOf('andamento'), /Executando runbook: two-people[\s\S]*Runbook concluído/);
});

test('a code has two minutes, and is refused after them in both languages', async () => {
  for (const [writer, asks, refused] of [
    [{}, 'runbook two-people', '❌ O código expirou: ele vale 120 segundos. Peça o runbook de novo.'],
    [BOB, 'runbook two-people', '❌ The code has expired: it works for 120 seconds. Request the runbook again.'],
  ] as const) {
    const [, code = ''] = /confirm(?:ar)? ([A-Z0-9]+)/.exec((await it.say(asks, writer)).blocks[0]?.text ?? '') ?? [];
    it.clock.at += 120_001;
    assert.equal(await textOf(`confirm ${code}`, writer), refused);
  }
});

test('a runbook is named by its words without the hyphen, as a voice writes them', async () => {
  assert.match(await textOf('executar runbook two people'), /⚠️ O runbook two-people precisa de outra pessoa/);
  assert.match(await textOf('runbook nobody knows'), /nobody/);
});
