import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../clock.ts';
import { serveFake, type FakeAnswer } from '../test-http-server.ts';
import { FIRING, HOSTILE_NAMES, namedOf, stormOf } from '../test-messages.ts';
import { createSlackSend } from './send.ts';

const never = new AbortController().signal;
const send = createSlackSend(systemClock, 'en');
const about = { kind: 'slack' as const, name: 'ops', send_resolved: true, briefings: true, silence_notices: true };
const PATH = '/services/T0/B0/s3cret';

interface Body {
  readonly text: string;
  readonly blocks: readonly { readonly type: string; readonly elements: readonly { readonly elements: readonly Piece[] }[] }[];
}
interface Piece {
  readonly type: string;
  readonly text: string;
  readonly url?: string;
  readonly style?: object;
}

/** An incoming webhook as Slack's: `ok` for a message that it can show. */
async function start(t: { after(step: () => Promise<void>): void }, fault?: FakeAnswer) {
  const bodies: Body[] = [];
  const url = await serveFake(t, ({ method, path, body }) => {
    if (fault !== undefined) return fault;
    if (method !== 'POST' || path !== PATH) return { status: 404, body: 'no_service' };
    const { text, blocks } = body as Body;
    const pieces = blocks.flatMap(({ elements }) => elements.flatMap((section) => section.elements));
    const isRight = text !== '' && blocks.length <= 50 && pieces.every((piece) => piece.text !== '' && piece.text.length <= 3000);
    if (!isRight || pieces.some(({ type, url: link }) => type === 'link' && !URL.canParse(link ?? '')))
      return { status: 400, body: 'invalid_blocks' };
    bodies.push(body as Body);
    return { body: 'ok' };
  });
  return { url: url + PATH, bodies };
}

const piecesOf = (body: Body | undefined): Piece[] => body?.blocks[0]?.elements[0]?.elements.slice() ?? [];

test('a message is rich text with a bold title and links; `ok` is its receipt', async (t) => {
  const { url, bodies } = await start(t);
  assert.deepEqual(await send({ ...about, url }, { id: 'nt_1', message: FIRING }, never), {
    kind: 'delivered',
    receipt: { to: 'ops', providerMessageId: null },
  });
  const pieces = piecesOf(bodies[0]);
  assert.deepEqual(pieces[0]?.style, { bold: true });
  assert.ok(pieces.some(({ type, text, url: link }) => type === 'link' && text === 'Runbook' && link !== undefined));
});

test('names are shown as they are and mention nobody', async (t) => {
  const { url, bodies } = await start(t);
  for (const name of HOSTILE_NAMES) {
    await send({ ...about, url }, { id: 'nt_1', message: namedOf(name) }, never);
    const body = bodies.at(-1);
    assert.ok(
      piecesOf(body).some(({ type, text }) => type === 'text' && text.includes(name.replace(/[\u202E\u2066]/gu, ''))),
      name,
    );
    assert.doesNotMatch(body?.text ?? '', /<|>/);
  }
});

test('a storm is one message with the most severe first', async (t) => {
  const { url, bodies } = await start(t);
  assert.equal((await send({ ...about, url }, { id: 'nt_1', message: stormOf(1000) }, never)).kind, 'delivered');
  const text = piecesOf(bodies[0]).map((piece) => piece.text);
  assert.match(text.join(''), /^🔔 1,?000 alerts firing: 3 critical, 997 warnings · Denials above normal at 1,?000 merchants\n+🚨 CRÍTICO/);
  assert.match(text.join(''), /and 995 more alerts: 995 × Denials above normal$/);
});

test('refusals say what to mend, and none has the address', async (t) => {
  const gone = await start(t, { status: 410, body: 'channel_is_archived' });
  const refused = await send({ ...about, url: gone.url }, { id: 'nt_1', message: FIRING }, never);
  assert.deepEqual(refused, { kind: 'refused', error: 'HTTP 410: channel_is_archived' });
  const busy = await start(t, { status: 429, headers: { 'retry-after': '30' }, body: 'rate_limited' });
  const later = await send({ ...about, url: busy.url }, { id: 'nt_1', message: FIRING }, never);
  assert.deepEqual(later, { kind: 'retry', error: 'HTTP 429: rate_limited', afterMs: 30_000 });
  const lost = await send({ ...about, url: 'http://127.0.0.1:1/services/s3cret' }, { id: 'nt_1', message: FIRING }, never);
  assert.doesNotMatch(JSON.stringify(lost), /s3cret|127\.0/);
});
