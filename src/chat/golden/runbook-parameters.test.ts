import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runbookText, script } from '../../runbook/test-runbooks.ts';
import { BOB } from '../test-alerts.ts';
import { createChatUnderTest, type ChatUnderTest } from '../test-chat.ts';

const PARAMETERS = `confirm: none
parameters:
  - { name: merchant, type: string, pattern: 'loja-[0-9]+', description: { pt-BR: id do lojista, en: id of the merchant } }
  - { name: time, type: duration, default: 2h, minimum: 5m, maximum: 24h, description: { pt-BR: por quanto tempo, en: for how long } }`;

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest({ runbooks: { quiet: runbookText('quiet', script('1'), PARAMETERS) } })));
after(() => it.close());

const last = async (text: string, options: Parameters<ChatUnderTest['say']>[1] = {}) =>
  (await it.say(text, options)).blocks[0]?.text.split('\n').at(-1);

test('a runbook that lacks a parameter is answered with the line to write', async () => {
  assert.equal(await last('runbook quiet'), 'Escreva: runbook quiet merchant=<id do lojista>');
  assert.equal(await last('runbook quiet loja-9'), 'Escreva: runbook quiet merchant=<id do lojista>');
  assert.equal(
    await last('runbook quiet merchant=loja-9 time=5d'),
    'Escreva: runbook quiet merchant=<id do lojista> time=<por quanto tempo>',
    'one that was wrong is in it, as well as those that it needs',
  );
  assert.match((await it.say('runbook quiet merchant=loja-9')).blocks[0]?.text ?? '', /Runbook concluído/);
});

test('the same in English; one that does not exist has no such line', async () => {
  assert.equal(await last('runbook quiet', BOB), 'Write: runbook quiet merchant=<id of the merchant>');
  assert.doesNotMatch((await last('runbook nothing', BOB)) ?? '', /Write:/);
});
