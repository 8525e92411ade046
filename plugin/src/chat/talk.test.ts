import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import { alertOf, createMemoryFile, createPhones, createWorldOf, groupOf, settingsOf, TELEGRAM, textOf, WHATSAPP } from '../test-world.ts';
import type { Asked, ChatRequest } from './guardian.ts';
import { createTalk, type Said } from './talk.ts';
import { createTurns } from './turns.ts';

const ANSWER: ChatAnswer = {
  blocks: [{ type: 'text', text: '✅ Status\n├── API: healthy', line: 1 }],
  buttons: [{ label: 'Reconhecer 1', text: '1a', style: 'primary' }],
  follow_ups: ['detalhes 1'],
  attachments: [],
  more: false,
  locale: 'pt-BR',
};
const SAID: Said = { target: TELEGRAM, sender: '777', messageId: 'm1', text: 'status', isGroup: false };

async function talking(answers: readonly Asked[] = [{ kind: 'answer', answer: ANSWER }], written = {}) {
  const phones = createPhones();
  const settings = settingsOf(written);
  const world = await createWorldOf(settings, phones, { told: createMemoryFile(), sending: createMemoryFile() });
  const asked: ChatRequest[] = [];
  const guardian = {
    ask: async (question: ChatRequest): Promise<Asked> => {
      asked.push(question);
      return answers[Math.min(asked.length, answers.length) - 1] ?? { kind: 'away', why: '?' };
    },
    check: async () => 'ok',
    actsElsewhere: async () => false,
    receipt: async () => true,
  };
  const talk = createTalk({
    settings,
    guardian,
    outbound: phones,
    ledger: world.ledger,
    gateway: () => ({}),
    picturesFolder: '',
    now: () => 0,
    wait: async () => undefined,
    isStopped: () => false,
  });
  return { talk, phones, asked, world };
}

test('an answer is a message with buttons; where there are none it names what to write', async () => {
  const { talk, phones } = await talking();
  await talk.reply(SAID);
  assert.equal(textOf(phones.sent[0] ?? { lines: [] }), '✅ Status\n├── API: healthy');
  assert.deepEqual(
    phones.sent[0]?.buttons?.map(({ value }) => value),
    ['1a', 'detalhes 1'],
  );
  await talk.reply({ ...SAID, target: WHATSAPP });
  assert.match(textOf(phones.sent[1] ?? { lines: [] }), /\n\n▸ Reconhecer 1: responda "1a"\nPergunte também: detalhes 1$/);
});

test('only an owner acts, and in a group only where that is configured', async () => {
  const { talk, asked } = await talking(undefined, { actingGroups: ['telegram:-2'] });
  await talk.reply(SAID);
  await talk.reply({ ...SAID, sender: '888' });
  await talk.reply({ ...SAID, isGroup: true, target: { channel: 'telegram', to: '-1' } });
  await talk.reply({ ...SAID, isGroup: true, target: { channel: 'telegram', to: '-2' } });
  await talk.reply({ ...SAID, isGroup: true, sender: '888', target: { channel: 'telegram', to: '-2' } });
  assert.deepEqual(
    asked.map(({ readOnly }) => readOnly),
    [false, true, true, false, true],
  );
});

test('a server that does not answer is said plainly', async () => {
  const { talk, phones } = await talking([{ kind: 'away', why: 'sem resposta em 5 s' }]);
  await talk.reply(SAID);
  assert.match(textOf(phones.sent[0] ?? { lines: [] }), /^⚠️ Transaction Guardian indisponível \(sem resposta em 5 s\)\. Não se sabe/);
});

test('a code, a tap and a bare word in an answer mean the alerts of their message', async () => {
  const { talk, asked, world, phones } = await talking();
  await world.deliver(groupOf([alertOf(), alertOf({ fingerprint: '1'.repeat(16) })]), '');
  const both = `ack 9c1185a5c5e9fc54\nack ${'1'.repeat(16)}`;
  await talk.reply({ ...SAID, text: 'a1' });
  await talk.reply({ ...SAID, text: 'Reconhecer', replyTo: '100' });
  await talk.reply({ ...SAID, text: 'S1' });
  assert.deepEqual(
    asked.map(({ text }) => text),
    [both, both, both.replaceAll(/ack (\w+)/g, 'snooze $1 for 15m')],
  );
  await talk.reply({ ...SAID, text: 'a77' });
  assert.equal(asked.length, 3, 'nothing is guessed');
  assert.match(textOf(phones.sent.at(-1) ?? { lines: [] }), /não está mais na memória/);
});

test('what the server does not understand goes to the model only where that is switched on', async () => {
  const unknown: Asked[] = [{ kind: 'answer', answer: { ...ANSWER, understood: false } }];
  assert.equal(await (await talking(unknown)).talk.reply(SAID), true);
  const { talk, phones } = await talking(unknown, { modelFallback: true });
  assert.equal(await talk.reply(SAID), false);
  assert.equal(phones.sent.length, 0);
});

test('a run is followed to its end in the message that began it', async () => {
  const going = (text: string): Asked => ({
    kind: 'answer',
    answer: { ...ANSWER, blocks: [{ type: 'text', text, line: 1 }], buttons: [{ label: 'Andamento', text: 'andamento', style: 'normal' }] },
  });
  const over: Asked = {
    kind: 'answer',
    answer: { ...ANSWER, blocks: [{ type: 'text', text: '✅ Runbook concluído em 45s', line: 1 }], buttons: [] },
  };
  const { talk, phones, asked } = await talking([going('[1/4]'), { kind: 'away', why: 'restarting' }, going('[2/4]'), over]);
  await talk.reply({ ...SAID, text: 'runbook restart-api' });
  while (phones.sent[0]?.edited.length !== 2) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(phones.sent.length, 1);
  assert.match(textOf(phones.sent[0]), /^✅ Runbook concluído em 45s/);
  assert.deepEqual(
    asked.map(({ text }) => text),
    ['runbook restart-api', 'andamento', 'andamento', 'andamento'],
  );
  assert.equal(new Set(asked.map(({ messageId }) => messageId)).size, 4);
});

test('what is said in a chat is answered in its order, also after one that fails', async () => {
  const heard: string[] = [];
  const errors: string[] = [];
  const inTurn = createTurns({ info: () => undefined, warn: () => undefined, error: (message) => errors.push(message) });
  const talk = {
    reply: async ({ text }: Said): Promise<boolean> => {
      await new Promise((resolve) => setTimeout(resolve, text === 'a' ? 20 : 0));
      if (text === 'b') throw new Error('gone');
      heard.push(text);
      return true;
    },
  };
  await Promise.all(['a', 'b', 'c'].map((text) => inTurn({ ...SAID, text }, talk)));
  assert.deepEqual([heard, errors.length], [['a', 'c'], 1]);
});
