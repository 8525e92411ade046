import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { GuardianError } from '../errors.ts';
import type { FoundTransaction } from '../raw/raw-transactions.ts';
import type { StoredTransaction } from '../store/verbs/transaction/find-transaction.ts';
import { API_BASE } from './api-paths.ts';
import { createTestServer, NOW } from './server-under-test.ts';

const post = (app: FastifyInstance, url: string, payload: object | string, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url, headers: { 'content-type': 'application/json', ...headers }, payload });

test('a transaction is accepted once and stamped', async () => {
  const { app, bus } = await createTestServer();
  const item = {
    id: 'tx-1',
    timestamp: '2026-11-22T11:00:00Z',
    status: 'denied',
    amount: 9.9,
    currency: 'BRL',
    merchant_id: 'm-1',
    auth_code: '51',
  };
  const first = await post(app, '/transaction', item, { 'x-guardian-source': 'till-7', 'x-request-id': 'abc-1' });
  assert.deepEqual([first.statusCode, first.json()], [202, { id: 'tx-1', status: 'accepted' }]);
  assert.equal(first.headers['x-request-id'], 'abc-1');
  const again = await post(app, '/transaction', item);
  assert.deepEqual([again.statusCode, again.json()], [200, { id: 'tx-1', status: 'duplicate' }]);
  const { content_hash: hash, timestamp: _timestamp, ...record } = { timestamp: '', ...bus.records[0], content_hash: '' };
  assert.equal(hash, '');
  assert.deepEqual(record, {
    v: 1,
    kind: 'transaction',
    id: 'tx-1',
    client_id: true,
    occurred_at: NOW - 3_600_000,
    ingested_at: NOW,
    status: 'denied',
    count: 1,
    amount: 9.9,
    currency: 'BRL',
    merchant_id: 'm-1',
    auth_code: '51',
    source: 'till-7',
    backfill: false,
  });
  assert.equal(bus.records.length, 1);
});

test('an incoming trace stays with the records of a request; without one, and with a broken one, there is none', async () => {
  const { app, bus } = await createTestServer();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const plain = { 'content-type': 'application/json', 'schema-version': '1' };
  await post(app, '/transaction', { status: 'approved' }, { traceparent, tracestate: 'vendor=1' });
  await post(app, '/transaction', { status: 'approved' });
  await post(app, '/transaction', { status: 'approved' }, { traceparent: 'broken', tracestate: 'vendor=1' });
  await post(app, '/transactions/batch', [{ status: 'approved' }, { status: 'denied' }], { traceparent });
  await post(app, '/transactions/batch', 'timestamp,status,count\n2026-11-22T11:00:00Z,approved,3\n', {
    traceparent,
    'content-type': 'text/csv',
  });
  await post(app, '/heartbeat', {}, { traceparent });
  const traced = { ...plain, traceparent };
  assert.deepEqual(bus.headers, [{ ...traced, tracestate: 'vendor=1' }, plain, plain, traced, traced, traced, traced]);
});

test('an Idempotency-Key is the id of an item without one', async () => {
  const { app, bus } = await createTestServer();
  const key = { 'idempotency-key': 'k-1' };
  assert.deepEqual((await post(app, '/transaction', { status: 'approved' }, key)).json(), { id: 'k-1', status: 'accepted' });
  assert.deepEqual((await post(app, '/transaction', { status: 'approved' }, key)).json(), { id: 'k-1', status: 'duplicate' });
  assert.equal((await post(app, '/transaction', { status: 'denied' }, key)).statusCode, 409);
  assert.equal(bus.records.length, 1);
});

test('an insane request id is replaced', async () => {
  const { app } = await createTestServer();
  for (const id of ['a b', 'x'.repeat(65), '4111111111111111']) {
    const answer = await app.inject({ url: '/health', headers: { 'x-request-id': id } });
    assert.match(String(answer.headers['x-request-id']), /^test-/);
  }
});

test('a bus that is down or full is answered with 503 and Retry-After, without its cause', async () => {
  const { app, bus } = await createTestServer();
  for (const [code, shown, wait] of [
    ['BUS_UNAVAILABLE', 'BUS_UNAVAILABLE', '2'],
    ['BUS_FULL', 'BUS_FULL', '30'],
    ['BUS_CLOSED', 'BUS_UNAVAILABLE', '2'],
  ] as const) {
    bus.before = () => Promise.reject(new GuardianError(code, 'secret disk name', { retryable: true }));
    const answer = await post(app, '/transaction', { status: 'approved' });
    assert.deepEqual([answer.statusCode, answer.json().code, answer.headers['retry-after']], [503, shown, wait]);
    assert.doesNotMatch(answer.body, /secret disk name/);
  }
  assert.equal(bus.records.length, 0);
});

test('an unexpected error is a 500 that says nothing of its cause', async () => {
  const { app } = await createTestServer({ deps: { findTransaction: () => Promise.reject(new Error('password is hunter2')) } });
  const answer = await app.inject({ url: '/transaction/x', headers: { 'x-request-id': 'find-me' } });
  assert.deepEqual([answer.statusCode, answer.json().code, answer.json().request_id], [500, 'INTERNAL', 'find-me']);
  assert.doesNotMatch(answer.body, /hunter2/);
});

test('a stored transaction is shown, an unknown one and one that is no longer kept are 404 and say which', async () => {
  const answers: Record<string, FoundTransaction> = {
    'tx-1': { kind: 'kept', transaction: { id: 'tx-1' } as StoredTransaction },
    'tx-3': { kind: 'expired' },
  };
  const { app } = await createTestServer({ deps: { findTransaction: async (id) => answers[id] ?? { kind: 'unknown' } } });
  assert.deepEqual((await app.inject({ url: '/transaction/tx-1' })).json(), { id: 'tx-1' });
  const unknown = await app.inject({ url: '/transaction/tx-2' });
  assert.deepEqual([unknown.statusCode, unknown.json().code], [404, 'HTTP_NOT_FOUND']);
  const expired = await app.inject({ url: '/transaction/tx-3', headers: { 'accept-language': 'en' } });
  assert.deepEqual([expired.statusCode, expired.json().code], [404, 'HTTP_NOT_FOUND']);
  assert.match(expired.json().detail, /tx-3 is no longer kept/);
});

test('no such address is 404, no such method is 405 with the ones that exist', async () => {
  const { app } = await createTestServer();
  assert.equal((await app.inject({ url: '/nothing' })).json().code, 'HTTP_NOT_FOUND');
  const wrong = await app.inject({ method: 'DELETE', url: '/transaction' });
  assert.deepEqual([wrong.statusCode, wrong.json().code, wrong.headers['allow']], [405, 'HTTP_METHOD_NOT_ALLOWED', 'POST']);
  assert.equal(
    (await app.inject({ method: 'POST', url: '/transaction/x', headers: { 'content-type': 'application/json' }, payload: '{}' }))
      .statusCode,
    405,
  );
});

test('a batch answers per item in order', async () => {
  const { app, bus } = await createTestServer();
  const answer = await post(app, '/transactions/batch', [
    { id: 'a', status: 'approved' },
    { id: 'a', status: 'approved' },
    { id: 'a', status: 'denied' },
    { status: 'x' },
    { status: 'failed' },
  ]);
  assert.equal(answer.statusCode, 202);
  const { items, ...summary } = answer.json();
  assert.deepEqual(summary, { accepted: 2, duplicate: 1, refused: 2, failed: 0, items_omitted: 0 });
  assert.deepEqual(
    items.map(({ index, status, code }: { index: number; status: string; code?: string }) => [index, status, code]),
    [
      [0, 'accepted', undefined],
      [1, 'duplicate', undefined],
      [2, 'refused', 'INGEST_CONFLICT'],
      [3, 'refused', 'INGEST_INVALID'],
      [4, 'accepted', undefined],
    ],
  );
  assert.equal(bus.records.length, 2);
});

test('of a large batch only refused items are listed', async () => {
  const { app } = await createTestServer();
  const items = Array.from({ length: 3000 }, (_item, index) => ({ status: index % 1000 === 7 ? 'x' : 'approved' }));
  const answer = (await post(app, '/transactions/batch', items)).json();
  assert.deepEqual([answer.accepted, answer.refused, answer.items_omitted], [2997, 3, 2997]);
  assert.deepEqual(
    answer.items.map(({ index }: { index: number }) => index),
    [7, 1007, 2007],
  );
  const refusals = (
    await post(
      app,
      '/transactions/batch',
      items.map(() => ({ status: 'x' })),
    )
  ).json();
  assert.deepEqual([refusals.refused, refusals.items.length, refusals.items_omitted], [3000, 1000, 2000]);
});

test('a JSON array that breaks keeps the items before the break and says where it broke', async () => {
  const { app, bus } = await createTestServer();
  const text = '[{"status":"approved"},{"status":"denied"},{"sta';
  const answer = await post(app, '/transactions/batch', text);
  assert.equal(answer.statusCode, 400);
  const { accepted, broken_at: brokenAt, code } = answer.json();
  assert.deepEqual([code, accepted, brokenAt], ['INGEST_JSON', 2, { index: 2, position: text.length }]);
  assert.equal(bus.records.length, 2);
});

test('a bus that fails in the middle of a batch says which items to send again', async () => {
  const { app, bus } = await createTestServer();
  let writes = 0;
  bus.before = async () => {
    if (++writes > 1) throw new GuardianError('BUS_UNAVAILABLE', 'down', { retryable: true });
  };
  const answer = await post(
    app,
    '/transactions/batch',
    Array.from({ length: 2500 }, () => ({ status: 'approved' })),
  );
  const { accepted, failed, items, code } = answer.json();
  assert.deepEqual([answer.statusCode, code, answer.headers['retry-after']], [503, 'BUS_UNAVAILABLE', '2']);
  assert.equal(accepted, bus.records.length);
  assert.ok(failed > 0 && items.every(({ index }: { index: number }) => index >= accepted));
});

test('CSV is history, breakdown rows have no status, and the same file again changes nothing', async () => {
  const { app, bus } = await createTestServer();
  const send = () =>
    post(app, '/transactions/batch', 'timestamp,auth_code,count\n2026-07-12 13:45:00,00,116\n2026-07-12 13:46:00,51,3\n', {
      'content-type': 'text/csv',
    });
  assert.equal((await send()).json().accepted, 2);
  assert.deepEqual([(await send()).json().duplicate, bus.records.length], [2, 2]);
  const [record] = bus.records;
  assert.ok(record?.kind === 'transaction');
  assert.deepEqual(
    [record.status, record.auth_code, record.count, record.source, record.backfill, record.occurred_at],
    ['', '00', 116, 'csv', true, Date.UTC(2026, 6, 12, 16, 45)],
  );
});

test('rows without a status go beside rows with one when the client says so, and need an auth code', async () => {
  const { app, bus } = await createTestServer();
  const mixed = 'timestamp,status,auth_code,count\n2026-07-12 13:45:00,denied,,3\n2026-07-12 13:45:00,,51,3\n2026-07-12 13:45:00,,,3\n';
  const send = async (query: string) => {
    const { accepted, duplicate, refused } = (await post(app, `/transactions/batch${query}`, mixed, { 'content-type': 'text/csv' })).json();
    return { accepted, duplicate, refused };
  };
  assert.deepEqual(await send(''), { accepted: 1, duplicate: 0, refused: 2 });
  assert.deepEqual(await send('?breakdown_rows=true'), { accepted: 1, duplicate: 1, refused: 1 });
  assert.deepEqual(
    bus.records.flatMap((record) => (record.kind === 'transaction' ? [[record.status, record.auth_code]] : [])),
    [
      ['denied', undefined],
      ['', '51'],
    ],
  );
});

test('NDJSON in, NDJSON out: a line per item and the summary last', async () => {
  const { app } = await createTestServer();
  const answer = await post(app, '/transactions/batch', '{"id":"a","status":"approved"}\nnope\n', {
    'content-type': 'application/x-ndjson',
    accept: 'application/x-ndjson',
  });
  const lines = answer.body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { status?: string; summary?: object });
  assert.deepEqual(
    lines.map(({ status }) => status),
    ['accepted', 'refused', undefined],
  );
  assert.deepEqual(lines[2]?.summary, { accepted: 1, duplicate: 0, refused: 1, failed: 0 });
});

test('ready says why not', async () => {
  const { app } = await createTestServer({ deps: { ready: () => ({ status: 'not_ready', reasons: ['database: closed'] }) } });
  const answer = await app.inject({ url: '/ready' });
  assert.deepEqual([answer.statusCode, answer.json()], [503, { status: 'not_ready', reasons: ['database: closed'] }]);
});

test('metrics come as Prometheus text, or OpenMetrics for who asks', async () => {
  const { app } = await createTestServer();
  await post(app, '/transaction', { status: 'approved' });
  const text = await app.inject({ url: '/metrics' });
  assert.match(String(text.headers['content-type']), /^text\/plain; version=0\.0\.4/);
  assert.match(text.body, /guardian_ingest_records_total\{outcome="accepted"\} 1/);
  assert.match(text.body, /guardian_http_request_seconds_count\{method="POST",route="\/api\/v1\/transaction",status_class="2xx"\} 1/);
  const open = await app.inject({ url: '/metrics', headers: { accept: 'application/openmetrics-text; version=1.0.0' } });
  assert.match(String(open.headers['content-type']), /^application\/openmetrics-text/);
  assert.ok(open.body.endsWith('# EOF\n'));
  assert.match(open.body, /guardian_ingest_records_total\{outcome="accepted"\} 1/);
  assert.equal((await app.inject({ url: '/metrics', headers: { accept: 'image/png' } })).statusCode, 406);
});

test('the API describes itself, and the pages need nothing from outside', async () => {
  const { app } = await createTestServer();
  const spec = (await app.inject({ url: '/openapi.json' })).json();
  assert.equal(spec.openapi, '3.1.0');
  for (const path of [
    '/transaction',
    '/transaction/{id}',
    '/transactions/batch',
    '/analyze',
    '/heartbeat',
    '/health',
    '/ready',
    '/metrics',
    '/session',
  ])
    assert.ok(spec.paths[API_BASE + path], path);
  assert.deepEqual(
    Object.keys(spec.paths).filter((path) => !path.startsWith(API_BASE)),
    // A page for people, not a part of the API.
    ['/runbooks/{name}'],
  );
  const { responses, requestBody } = spec.paths[`${API_BASE}/transaction`].post;
  assert.deepEqual(Object.keys(responses), ['200', '202', '400', '401', '403', '406', '409', '413', '415', '422', '503']);
  const { Problem, Transaction } = spec.components.schemas;
  assert.deepEqual(responses['422'].content['application/problem+json'].schema, { $ref: '#/components/schemas/Problem' });
  assert.deepEqual(requestBody.content['application/json'].schema, { $ref: '#/components/schemas/Transaction' });
  assert.ok(Problem.properties.code);
  assert.ok(Transaction.properties.status.enum.includes('approved'));
  const page = await app.inject({ url: '/docs/' });
  assert.equal(page.statusCode, 200);
  assert.doesNotMatch(page.body, /(?:src|href)="https?:/);
  for (const [, file] of page.body.matchAll(/(?:src|href)="([^"]+)"/g))
    assert.equal((await app.inject({ url: new URL(file ?? '', 'http://localhost/docs/').pathname })).statusCode, 200, file);
});

test('a runbook opens without a session, for every alert; an unknown one is not found', async () => {
  const { app } = await createTestServer();
  const page = await app.inject({ url: '/runbooks/approval-rate-down', remoteAddress: '203.0.113.7' });
  assert.equal(page.statusCode, 200);
  assert.match(page.headers['content-type'] ?? '', /^text\/html/);
  assert.match(page.body, /<h1>GuardianApprovalRateDown<\/h1>[^]*<ol><li>[^]*<a href="denials-above-normal">denials<\/a>/);
  assert.match(page.body, /<meta name="viewport"/);
  assert.doesNotMatch(page.body, /\*\*|`|\]\(/);
  assert.equal((await app.inject({ url: '/runbooks/nothing' })).statusCode, 404);
  assert.equal((await app.inject({ url: '/runbooks/..%2f..%2fpackage.json' })).statusCode, 404);
});

test('a route answers below the base and by its alias, with the same', async () => {
  const { app } = await createTestServer();
  for (const path of ['/health', '/ready', '/stats/none', '/transaction/tx-none']) {
    const [plain, based] = await Promise.all([app.inject({ url: path }), app.inject({ url: API_BASE + path })]);
    assert.equal(plain.statusCode, based.statusCode, path);
  }
  const wrong = await app.inject({ method: 'PUT', url: '/transaction', headers: { 'content-type': 'application/json' }, payload: '{}' });
  assert.equal(wrong.statusCode, 405);
  assert.equal(wrong.headers.allow, 'POST');
});
