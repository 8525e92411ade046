import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderingOf } from './channel.ts';
import { chunk } from './chunk.ts';
import { plainLines, type Line } from './line.ts';
import { renderTelegramHtml } from './telegram-html.ts';

/** What hurts somewhere: markup, lists, headings, quotes, code, links, HTML, mentions, indents. */
const LINES: readonly Line[] = [
  { text: '🚨 CRÍTICO: a*b_c `d` [e](http://f) <g> & h', style: 'strong' },
  { text: '├── 25/min, esperado 5,4 (0–13), z +8,9' },
  { text: '# no heading' },
  { text: '- no list' },
  { text: '1. no list' },
  { text: '> no quote' },
  { text: '    no code' },
  { text: '<!channel> <@U1> @everyone @here' },
  { text: '' },
  { text: 'ack 1', style: 'code' },
];

const GOLDEN: Readonly<Record<string, readonly string[]>> = {
  telegram: [
    `**🚨 CRÍTICO: a\\*b\\_c \\\`d\\\` \\[e\\]\\(http://f\\) \\<\u2060g\\> \\& h**`,
    String.raw`├── 25/min, esperado 5,4 \(0–13\), z \+8,9`,
    String.raw`\# no heading`,
    String.raw`\- no list`,
    String.raw`1\. no list`,
    String.raw`\> no quote`,
    '\u00a0\u00a0\u00a0\u00a0no code',
    `\\<\u2060\\!channel\\> \\<\u2060@U1\\> @everyone @here`,
    '',
    '`ack 1`',
  ],
  discord: [`\\<\u2060\\!channel\\> \\<\u2060@U1\\> @\u2060everyone @\u2060here`],
  plain: LINES.map(({ text }) => text),
};

describe('each channel shows a text as it is written', () => {
  test('telegram', () => assert.deepEqual(LINES.map(renderingOf('telegram').render), GOLDEN['telegram']));
  test('whatsapp, which knows no escape', () =>
    assert.deepEqual(
      LINES.map(renderingOf('whatsapp').render),
      GOLDEN['telegram']?.map((line) => line.replaceAll('\\*', '&#42;').replaceAll('\\_', '&#95;').replaceAll('\\`', '&#96;')),
    ));
  test('slack notifies nobody by a mention', () => assert.deepEqual(LINES.map(renderingOf('slack').render), GOLDEN['telegram']));
  test('discord notifies nobody by a mention', () =>
    assert.deepEqual(LINES.slice(7, 8).map(renderingOf('discord').render), GOLDEN['discord']));
  test('a channel that is not known', () => assert.deepEqual(LINES.map(renderingOf('matrix').render), GOLDEN['plain']));
  test('the HTML of messages that are changed', () =>
    assert.deepEqual(LINES.slice(0, 1).map(renderTelegramHtml), ['<b>🚨 CRÍTICO: a*b_c `d` [e](http://f) &lt;g&gt; &amp; h</b>']));
});

test('a long text is cut between lines, and nothing of it is lost', () => {
  const channel = renderingOf('discord');
  const lines = Array.from({ length: 200 }, (_line, n): Line => ({ text: `├── linha ${n} *`.padEnd(40, 'x') }));
  const pieces = chunk(lines, channel);
  assert.ok(pieces.every((piece) => piece.length <= channel.limit));
  assert.equal(pieces.length, Math.ceil((200 * 42) / channel.limit));
  assert.equal(pieces.join('\n'), lines.map(channel.render).join('\n'));
});

test('a line that is too long by itself is cut within, never inside of a character', () => {
  const channel = { ...renderingOf('telegram'), limit: 100 };
  const text = '🚨*'.repeat(200);
  const pieces = chunk([{ text, style: 'strong' }], channel);
  assert.ok(pieces.every((piece) => piece.length <= 100 && piece.startsWith('**') && piece.endsWith('**')));
  assert.equal(pieces.map((piece) => piece.slice(2, -2).replaceAll('\\', '')).join(''), text);
});

test('of several lines the first is the title', () => {
  assert.deepEqual(plainLines('a'), [{ text: 'a' }]);
  assert.deepEqual(plainLines('a\nb'), [{ text: 'a', style: 'strong' }, { text: 'b' }]);
});
