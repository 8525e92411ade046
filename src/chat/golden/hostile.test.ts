import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import { deliverPages } from '../../briefing/test-pages.ts';
import { alertOf, anomalyOf, CALM, createChatUnderTest, NIGHT, type ChatUnderTest } from '../test-chat.ts';

/** Letters from right to left, marks of direction, a break of line, markup of each channel, an invisible letter, a card number. */
const NAME = 'שלום\u202e<b>*x*</b>_y_[z](http://e)\u2067`q`\n└── fake\u200b 4111 1111 1111 1111';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(async () => {
  await it.reset();
  await it.minutes(60, { ...CALM, [`approved/${NAME.replaceAll('/', '|')}/acq`]: 14 });
});
after(() => it.close());

/** Texts, and what names of buttons and pictures say. */
const textsOf = ({ blocks, buttons, attachments, follow_ups }: ChatAnswer): string[] => [
  ...blocks.map(({ text }) => text),
  ...buttons.map(({ label }) => label),
  ...attachments.map(({ description }) => description),
  ...follow_ups,
];

function assertFit(line: string, text: string): void {
  assert.doesNotMatch(text, /[\u202a-\u202e\u2066\u2067\u200b-\u200f]/u, `${line}: a mark of direction, or an invisible letter`);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f]/u, `${line}: a control character`);
  assert.doesNotMatch(text, /^└── fake/m, `${line}: a line that the name made`);
  assert.doesNotMatch(text, /4111 1111 1111 1111/, `${line}: a card number`);
  for (const one of text.split('\n')) {
    const bare = one.replaceAll(/\u2068[^\u2068\u2069\n]*\u2069/gu, '');
    assert.doesNotMatch(bare, /[\u2068\u2069]/u, `${line}: an isolate that is not closed on its line`);
    assert.doesNotMatch(bare, /\p{Script=Hebrew}/u, `${line}: letters from right to left outside of an isolate: ${one}`);
  }
}

test('a name that others chose stays inside its place in every reply', async () => {
  const merchant = NAME.replaceAll('/', '|');
  const place = { node: { kind: 'merchant', merchant_id: merchant }, slice: { merchant_id: merchant, share: 1 } } as const;
  const now = anomalyOf('an_00000a', 12, null, { ...place, reasons: [{ code: 'slice_merchant', params: { merchant } }] });
  await it.anomalies(now, anomalyOf('an_00000b', 60, 20, place));
  const alert = alertOf(now, 'aaaaaaaaaaaaaaa1');
  await it.alerts({ ...alert, summary: `🚨 CRÍTICO: Volume baixo · lojista ${merchant}`, description: `lojista ${merchant}` });
  await deliverPages(it.database, { n: 20, until: NIGHT, severity: 'warning', merchant });
  await it.say(`incidente ${merchant.replaceAll('\n', ' ')}`);
  const lines = [
    ...[
      'status',
      'alertas',
      'anomalias última hora',
      'detalhes do 1',
      'por quê 1',
      `volume do lojista "${merchant.replaceAll(/[\n"`]/g, ' ')}"`,
    ],
    ...[
      'ack 1',
      'desfazer ack 1',
      'soneca 1 15m',
      'cancelar soneca 1',
      'escalar 1',
      'silenciar 1 por 30m',
      'silêncios',
      'encerrar silêncio 1',
    ],
    ...[
      'incidentes',
      'incidente 1',
      'incidente 1 meu',
      'incidente 1 nota שלום \u202eabc',
      'útil 1',
      'briefing',
      'plantão',
      'runbook',
      'ajuda',
    ],
    ...[`silenciar lojista "${merchant.replaceAll(/[\n"`]/g, ' ')}" por 1h`, `que ${merchant.replaceAll('\n', ' ')}?`, 'mais'],
  ];
  for (const line of lines) for (const text of textsOf(await it.say(line))) assertFit(line, text);
  const [demote] = (await it.say('briefing')).buttons;
  for (const text of textsOf(await it.say(demote?.text ?? ''))) assertFit('rebaixar', text);
});

test('a message of 100 kB does nothing, says so, and is answered at once', async () => {
  for (const text of ['ack tudo\n'.repeat(11_112), 'x'.repeat(100_000), '\u202e'.repeat(100_000)]) {
    const { blocks } = await it.say(text);
    assert.deepEqual(
      blocks.map((block) => block.text),
      [`Mensagem longa demais (${text.length.toLocaleString('pt-BR')} caracteres, o limite é 4.000): nada foi feito`],
    );
  }
  assert.equal((await it.database.query('select 1 from act')).length, 0);
});
