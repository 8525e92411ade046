import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import { createTestServer, type TestServer } from './server-under-test.ts';

const CARD = '4111 1111 1111 1111';
const BARE_CARD = '5555555555554444';
const DEEP = '['.repeat(30_000) + ']'.repeat(30_000);
let server: TestServer;
before(async () => {
  server = await createTestServer();
});
after(() => server.app.close());

interface BadInput {
  readonly name: string;
  readonly payload: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly url?: string;
  readonly status: number;
  readonly code: string;
  /** `field rule` of each error, in order. */
  readonly errors?: readonly string[];
}

const ok = { status: 'approved' };
const invalid = { status: 422, code: 'INGEST_INVALID' };
const card = { status: 422, code: 'INGEST_CARD_NUMBER' };

const BAD: readonly BadInput[] = [
  { name: 'empty object', payload: {}, ...invalid, errors: ['status required'] },
  { name: 'status that does not exist', payload: { status: 'aproved' }, ...invalid, errors: ['status enum'] },
  { name: 'status in capitals', payload: { status: 'Approved' }, ...invalid, errors: ['status enum'] },
  { name: 'null status', payload: { status: null }, ...invalid, errors: ['status type'] },
  { name: 'negative count', payload: { ...ok, count: -1 }, ...invalid, errors: ['count minimum'] },
  { name: 'fraction of a count', payload: { ...ok, count: 1.5 }, ...invalid, errors: ['count integer'] },
  { name: 'huge count', payload: { ...ok, count: 1e10 }, ...invalid, errors: ['count maximum'] },
  { name: 'count as text', payload: { ...ok, count: '12' }, ...invalid, errors: ['count type'] },
  { name: 'amount as text', payload: { ...ok, amount: '12.50' }, ...invalid, errors: ['amount type'] },
  { name: 'negative amount', payload: { ...ok, amount: -0.01 }, ...invalid, errors: ['amount minimum'] },
  { name: 'endless amount', payload: '{"status":"approved","amount":1e999}', ...invalid, errors: ['amount maximum'] },
  { name: 'currency in small letters', payload: { ...ok, currency: 'brl' }, ...invalid, errors: ['currency pattern'] },
  { name: 'auth code with a space', payload: { ...ok, auth_code: '5 1' }, ...invalid, errors: ['auth_code pattern'] },
  { name: 'auth code as number', payload: { ...ok, auth_code: 51 }, ...invalid, errors: ['auth_code type'] },
  { name: 'bin of 5 digits', payload: { ...ok, card_bin: '41111' }, ...invalid, errors: ['card_bin pattern'] },
  { name: 'bin of 9 digits', payload: { ...ok, card_bin: '411111111' }, ...invalid, errors: ['card_bin pattern'] },
  { name: 'empty merchant', payload: { ...ok, merchant_id: '' }, ...invalid, errors: ['merchant_id empty'] },
  { name: 'merchant of 129 characters', payload: { ...ok, merchant_id: 'm'.repeat(129) }, ...invalid, errors: ['merchant_id too_long'] },
  { name: 'mark of direction', payload: { ...ok, merchant_id: 'a\u202eb' }, ...invalid, errors: ['merchant_id control_character'] },
  { name: 'line separator', payload: { ...ok, acquirer: 'a\u2028b' }, ...invalid, errors: ['acquirer control_character'] },
  { name: 'space without width', payload: { ...ok, id: 'a\u200bb' }, ...invalid, errors: ['id control_character'] },
  { name: 'nothing but spaces', payload: { ...ok, merchant_id: '   ' }, ...invalid, errors: ['merchant_id blank'] },
  { name: 'nothing that is seen', payload: { ...ok, merchant_id: '\u200b\u2060\u3164' }, ...invalid, errors: ['merchant_id blank'] },
  { name: 'soft hyphen', payload: { ...ok, merchant_id: 'lo\u00adja' }, ...invalid, errors: ['merchant_id control_character'] },
  { name: 'hidden text of tags', payload: { ...ok, merchant_id: 'a\u{e0041}' }, ...invalid, errors: ['merchant_id control_character'] },
  { name: 'joiner in Latin', payload: { ...ok, merchant_id: 'lo\u200dja' }, ...invalid, errors: ['merchant_id control_character'] },
  { name: 'selector after Latin', payload: { ...ok, acquirer: 'acq\ufe0f' }, ...invalid, errors: ['acquirer control_character'] },
  { name: 'mark of an annotation', payload: { ...ok, id: 'a\ufff9b' }, ...invalid, errors: ['id control_character'] },
  { name: 'empty Braille', payload: { ...ok, merchant_id: '\u2800' }, ...invalid, errors: ['merchant_id blank'] },
  { name: 'NUL in a text', payload: { ...ok, merchant_id: 'a\u0000b' }, ...invalid, errors: ['merchant_id control_character'] },
  { name: 'half a surrogate pair', payload: '{"status":"approved","merchant_id":"\\ud800"}', ...invalid, errors: ['merchant_id encoding'] },
  { name: 'object for a text', payload: { ...ok, acquirer: { name: 'a' } }, ...invalid, errors: ['acquirer type'] },
  { name: 'unknown field', payload: { ...ok, merchant: 'm-1' }, ...invalid, errors: ['merchant unknown_field'] },
  { name: 'prototype as a field', payload: '{"status":"approved","__proto__":{"x":1}}', ...invalid, errors: ['__proto__ unknown_field'] },
  { name: 'security code', payload: { ...ok, cvv: '123' }, ...invalid, errors: ['cvv unknown_field'] },
  { name: 'timestamp as number', payload: { ...ok, timestamp: 1_763_827_200 }, ...invalid, errors: ['timestamp type'] },
  { name: 'timestamp in words', payload: { ...ok, timestamp: 'yesterday' }, ...invalid, errors: ['timestamp timestamp_format'] },
  {
    name: 'day that does not exist',
    payload: { ...ok, timestamp: '2026-02-29T00:00:00Z' },
    ...invalid,
    errors: ['timestamp timestamp_format'],
  },
  { name: 'future timestamp', payload: { ...ok, timestamp: '2026-11-22T12:05:01Z' }, ...invalid, errors: ['timestamp timestamp_future'] },
  {
    name: 'very old timestamp',
    payload: { ...ok, timestamp: '1999-01-01T00:00:00Z' },
    ...invalid,
    errors: ['timestamp timestamp_too_old'],
  },
  {
    name: 'several problems at once',
    payload: { status: 'x', count: -1, foo: 1, id: '' },
    ...invalid,
    errors: ['status enum', 'count minimum', 'foo unknown_field', 'id empty'],
  },
  { name: 'list instead of an object', payload: '[1]', ...invalid, errors: ['(body) type'] },
  { name: 'deep body', payload: DEEP, ...invalid, errors: ['(body) depth'] },
  { name: 'deep value of a field', payload: `{"status":"approved","merchant_id":${DEEP}}`, ...invalid, errors: ['merchant_id depth'] },
  {
    name: 'deep value of an unknown field',
    payload: `{"status":"approved","x":${DEEP}}`,
    ...invalid,
    errors: ['x depth', 'x unknown_field'],
  },
  { name: 'value of very many parts', payload: { ...ok, x: new Array(20_000).fill(0) }, ...invalid, errors: ['x size', 'x unknown_field'] },
  { name: 'deep records to analyze', url: '/analyze', payload: DEEP, ...invalid, errors: ['[0].(body) depth'] },
  { name: 'text instead of an object', payload: '"approved"', ...invalid, errors: ['(body) type'] },
  { name: 'null instead of an object', payload: 'null', ...invalid, errors: ['(body) type'] },
  { name: 'card number in merchant', payload: { ...ok, merchant_id: CARD }, ...card, errors: ['merchant_id card_number'] },
  { name: 'card number as id', payload: { ...ok, id: BARE_CARD }, ...card, errors: ['id card_number'] },
  { name: 'card number in status', payload: { status: BARE_CARD }, ...card, errors: ['status card_number'] },
  { name: 'card number in timestamp', payload: { ...ok, timestamp: CARD }, ...card, errors: ['timestamp card_number'] },
  { name: 'card number in card_bin', payload: { ...ok, card_bin: BARE_CARD }, ...card, errors: ['card_bin card_number'] },
  { name: 'card number as a number', payload: { ...ok, amount: 4_111_111_111_111_111 }, ...card, errors: ['amount card_number'] },
  {
    name: 'card number with slashes',
    payload: { ...ok, customer_id: '4111/1111/1111/1111' },
    ...card,
    errors: ['customer_id card_number'],
  },
  {
    name: 'card number in wide digits',
    payload: { ...ok, customer_id: '４１１１１１１１１１１１１１１１' },
    ...card,
    errors: ['customer_id card_number'],
  },
  {
    name: 'card number with invisible characters',
    payload: { ...ok, customer_id: Array.from('4111111111111111').join('\u200b') },
    ...card,
    errors: ['customer_id card_number'],
  },
  {
    name: 'card number and more digits',
    payload: { ...ok, customer_id: '41111111111111110000' },
    ...card,
    errors: ['customer_id card_number'],
  },
  {
    name: 'card number inside a long text',
    payload: { ...ok, customer_id: `${'x'.repeat(200)} ${CARD}` },
    ...card,
    errors: ['customer_id card_number'],
  },
  { name: 'card number in an unknown field', payload: { ...ok, note: CARD }, ...card, errors: ['note card_number', 'note unknown_field'] },
  {
    name: 'card number deep inside',
    payload: { ...ok, card: { data: [BARE_CARD] } },
    ...card,
    errors: ['card card_number', 'card unknown_field'],
  },
  {
    name: 'card number as the name of a field',
    payload: { ...ok, [BARE_CARD]: 1 },
    ...card,
    errors: ['************4444 card_number', '************4444 unknown_field'],
  },
  {
    name: 'card number as Idempotency-Key',
    payload: ok,
    headers: { 'idempotency-key': BARE_CARD },
    ...card,
    errors: ['Idempotency-Key card_number'],
  },
  {
    name: 'card number as source',
    payload: ok,
    headers: { 'x-guardian-source': BARE_CARD },
    status: 400,
    code: 'HTTP_INVALID_REQUEST',
    errors: ['X-Guardian-Source card_number'],
  },
  {
    name: 'source of 65 characters',
    payload: ok,
    headers: { 'x-guardian-source': 's'.repeat(65) },
    status: 400,
    code: 'HTTP_INVALID_REQUEST',
    errors: ['X-Guardian-Source too_long'],
  },
  { name: 'broken JSON', payload: '{"status": approved}', status: 400, code: 'INGEST_JSON' },
  { name: 'cut JSON', payload: '{"status":', status: 400, code: 'INGEST_JSON' },
  { name: 'empty body', payload: '', status: 400, code: 'INGEST_JSON' },
  { name: 'invalid UTF-8', payload: Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), status: 400, code: 'INGEST_ENCODING' },
  { name: 'body of 2 MB', payload: { ...ok, merchant_id: 'm'.repeat(2_000_000) }, status: 413, code: 'HTTP_PAYLOAD_TOO_LARGE' },
  {
    name: 'another type of body',
    payload: 'status=approved',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    code: 'HTTP_UNSUPPORTED_MEDIA_TYPE',
  },
  { name: 'answer that is not offered', payload: ok, headers: { accept: 'text/html' }, status: 406, code: 'HTTP_NOT_ACCEPTABLE' },
  {
    name: 'heartbeat in the future',
    url: '/heartbeat',
    payload: { at: '2027-01-01T00:00:00Z' },
    ...invalid,
    errors: ['at timestamp_future'],
  },
  { name: 'heartbeat with an unknown field', url: '/heartbeat', payload: { from: 'x' }, ...invalid, errors: ['from unknown_field'] },
  { name: 'analysis of nothing', url: '/analyze', payload: '[]', ...invalid, errors: ['(body) empty'] },
  {
    name: 'analysis of a bad record in a list',
    url: '/analyze',
    payload: { records: [ok, { ...ok, count: -1 }] },
    ...invalid,
    errors: ['records[1].count minimum'],
  },
  { name: 'analysis of a text', url: '/analyze', payload: '"x"', ...invalid, errors: ['(body) type'] },
  { name: 'analysis of a card number', url: '/analyze', payload: [{ ...ok, id: BARE_CARD }], ...card, errors: ['[0].id card_number'] },
  {
    name: 'batch in an unknown layout',
    url: '/transactions/batch?layout=x',
    payload: 'a',
    headers: { 'content-type': 'text/csv' },
    status: 400,
    code: 'HTTP_INVALID_REQUEST',
    errors: ['layout enum'],
  },
  {
    name: 'batch with a bad date',
    url: '/transactions/batch?date=12/07',
    payload: 'a',
    headers: { 'content-type': 'text/csv' },
    status: 400,
    code: 'HTTP_INVALID_REQUEST',
    errors: ['date pattern'],
  },
  {
    name: 'batch with an unclear flag',
    url: '/transactions/batch?breakdown_rows=maybe',
    payload: 'a',
    headers: { 'content-type': 'text/csv' },
    status: 400,
    code: 'HTTP_INVALID_REQUEST',
    errors: ['breakdown_rows enum'],
  },
  { name: 'batch that is one object', url: '/transactions/batch', payload: ok, status: 400, code: 'INGEST_JSON' },
  {
    name: 'batch of CSV without a known header',
    url: '/transactions/batch',
    payload: 'a,b\n1,2\n',
    headers: { 'content-type': 'text/csv' },
    status: 422,
    code: 'CSV_LAYOUT',
  },
  {
    name: 'batch of hours without a date',
    url: '/transactions/batch',
    payload: 'time,status,count\n17h 06,denied,1\n',
    headers: { 'content-type': 'text/csv' },
    status: 422,
    code: 'CSV_LAYOUT',
  },
  {
    name: 'packed batch',
    url: '/transactions/batch',
    payload: '[]',
    headers: { 'content-encoding': 'gzip' },
    status: 415,
    code: 'HTTP_UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'packed body, by its header',
    payload: ok,
    headers: { 'content-encoding': 'gzip' },
    status: 415,
    code: 'HTTP_UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'packed body to analyze',
    url: '/analyze',
    payload: gzipSync(JSON.stringify(ok)),
    headers: { 'content-encoding': 'gzip' },
    status: 415,
    code: 'HTTP_UNSUPPORTED_MEDIA_TYPE',
  },
  { name: 'byte order mark alone', payload: '\ufeff', status: 400, code: 'INGEST_JSON' },
  {
    name: 'unknown parameter of a route without any',
    url: '/transaction?foo=1',
    payload: ok,
    status: 400,
    code: 'HTTP_INVALID_REQUEST',
    errors: ['foo additional_property'],
  },
  {
    name: 'batch with an unknown parameter',
    url: '/transactions/batch?lay=x',
    payload: [],
    status: 400,
    code: 'HTTP_INVALID_REQUEST',
    errors: ['lay additional_property'],
  },
  {
    name: 'batch of XML',
    url: '/transactions/batch',
    payload: '<a/>',
    headers: { 'content-type': 'application/xml' },
    status: 415,
    code: 'HTTP_UNSUPPORTED_MEDIA_TYPE',
  },
];

for (const { name, payload, headers, url = '/transaction', status, code, errors } of BAD) {
  test(`${name}: ${status} ${code}`, async () => {
    const body = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
    const answer = await server.app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', ...headers },
      payload: body,
    });
    const problem = answer.json<Problem>();
    assert.deepEqual([answer.statusCode, problem.code], [status, code], answer.body);
    assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
    assert.equal(problem.status, status);
    assert.ok(problem.title !== '' && problem.detail !== '' && !/[{}]/.test(problem.detail.replace('`', '')), problem.detail);
    if (errors !== undefined) {
      assert.deepEqual(
        problem.errors?.map(({ field, rule }) => `${field} ${rule}`),
        errors,
      );
    }
    for (const error of problem.errors ?? []) assert.ok(error.message.length > 5 && error.message !== error.rule, error.message);
    for (const error of problem.errors ?? []) assert.doesNotMatch(error.message, /\{[a-z_]+[:}]/);
    assert.doesNotMatch(answer.body.replaceAll(/[ .-]/g, ''), /4111111111111111|5555555555554444/, 'a card number never comes back');
    assert.equal(server.bus.records.length, 0, 'nothing was stored');
  });
}

test('messages are in the language of the caller', async () => {
  const ask = async (language: string): Promise<Problem> =>
    (
      await server.app.inject({
        method: 'POST',
        url: '/transaction',
        headers: { 'accept-language': language },
        payload: { status: 'x', count: '1' },
      })
    ).json<Problem>();
  const portuguese = await ask('pt-BR,pt;q=0.9');
  assert.equal(portuguese.title, 'Dados inválidos');
  assert.equal(portuguese.errors?.[1]?.message, 'deve ser um número, não texto (um número entre aspas não é convertido)');
  assert.equal((await ask('en')).title, 'Invalid data');
});

const DEEP_BATCHES: readonly (readonly [string, string])[] = [
  ['application/x-ndjson', `{"status":"approved"}\n${DEEP}\n{"status":"approved","customer_id":${DEEP}}\n{"status":"denied"}\n`],
  ['application/json', `[{"status":"approved"},${DEEP},{"status":"approved","customer_id":${DEEP}},{"status":"denied"}]`],
];
for (const [type, body] of DEEP_BATCHES) {
  test(`a deep item of a batch is refused alone: ${type}`, async (t) => {
    const own = await createTestServer();
    t.after(() => own.app.close());
    const answer = await own.app.inject({ method: 'POST', url: '/transactions/batch', headers: { 'content-type': type }, payload: body });
    const { accepted, refused, items } = answer.json<{
      accepted: number;
      refused: number;
      items: { errors?: { field: string; rule: string }[] }[];
    }>();
    assert.deepEqual([answer.statusCode, accepted, refused], [202, 2, 2], answer.body);
    assert.deepEqual(
      items.flatMap(({ errors = [] }) => errors.map(({ field, rule }) => `${field} ${rule}`)),
      ['(body) depth', 'customer_id depth'],
    );
  });
}

for (const name of ['pan', 'cartao', 'card_number', 'numero_cartao', 'cvv']) {
  test(`the refusal of ${name} says never to send card data`, async () => {
    const answer = await server.app.inject({ method: 'POST', url: '/transaction', payload: { status: 'approved', [name]: 'x' } });
    assert.match(answer.json<Problem>().errors?.[0]?.message ?? '', /card data .* must never be sent/);
  });
}

test('a number where a text belongs: the message asks for quotes', async () => {
  const answer = await server.app.inject({
    method: 'POST',
    url: '/transaction',
    headers: { 'accept-language': 'pt-BR' },
    payload: { status: 'approved', auth_code: 51, merchant_id: null },
  });
  assert.deepEqual(
    answer.json<Problem>().errors?.map(({ message }) => message),
    ['deve ser um texto, entre aspas, não número', 'deve ser um texto, não nulo'],
  );
});

test('a packed body is refused with the name of its encoding', async () => {
  const answer = await server.app.inject({
    method: 'POST',
    url: '/transaction',
    headers: { 'content-encoding': 'br', 'content-type': 'application/json' },
    payload: '{}',
  });
  assert.match(answer.json<Problem>().detail, /Content-Encoding br .*identity/);
});

test('a byte order mark before JSON is fine', async (t) => {
  const own = await createTestServer();
  t.after(() => own.app.close());
  const headers = { 'content-type': 'application/json' };
  const answer = await own.app.inject({ method: 'POST', url: '/transaction', headers, payload: '\ufeff{"status":"approved"}' });
  assert.equal(answer.statusCode, 202, answer.body);
  const broken = await own.app.inject({ method: 'POST', url: '/transaction', headers, payload: '\ufeff{x' });
  assert.match(broken.json<Problem>().detail, /position 2\b/);
});

test('an object where a batch is expected: the answer says what to send', async () => {
  const answer = await server.app.inject({ method: 'POST', url: '/transactions/batch', payload: { status: 'approved' } });
  assert.match(answer.json<Problem>().detail, /not a valid JSON array.*application\/x-ndjson/);
});

test('why the header of a CSV is not known is said in the language of the caller', async () => {
  const { app } = await createTestServer();
  const detailIn = async (language: string) => {
    const headers = { 'content-type': 'text/csv', 'accept-language': language };
    const answer = await app.inject({ method: 'POST', url: '/transactions/batch', payload: 'timestamp,value\n1,2\n', headers });
    return answer.json<{ detail: string }>().detail;
  };
  assert.match(await detailIn('pt-BR'), /falta uma coluna \(status, auth_code\) em timestamp,value/);
  assert.match(await detailIn('en'), /there is no column \(status, auth_code\) in timestamp,value/);
});
