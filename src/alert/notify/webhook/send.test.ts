import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { WebhookPayload } from '@transaction-guardian/contracts/alert.ts';
import type { Message } from '@transaction-guardian/contracts/message.ts';
import { systemClock } from '../../../clock.ts';
import type { Database } from '../../../store/database.ts';
import { openTestDatabase } from '../../../store/test-database.ts';
import { FLEET_GROUP } from '../../group.ts';
import { alertFor, anomalyOf, eventOf, resolvedOf } from '../../test-anomaly.ts';
import { CLAWDBOT, createAlertHarness } from '../../test-harness.ts';
import { isBlockedPort } from './blocked-ports.ts';
import { webhookPayload } from './payload.ts';
import { createWebhookSend } from './send.ts';
import { until } from '../../../test-until.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: WebhookPayload;
}

/** A webhook receiver on 127.0.0.1. */
async function listen(received: Received[], port = 0, status = () => 200): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as WebhookPayload });
      response.writeHead(status(), { 'retry-after': '7' }).end('ok');
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const message: Message = {
  receiver: 'clawdbot',
  groupKey: FLEET_GROUP,
  firing: [alertFor(anomalyOf())],
  resolved: [],
  missed: [],
  externalUrl: '',
};
const delivery = { id: 'nt_1', message };
const send = createWebhookSend(systemClock);
const never = new AbortController().signal;

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

test('a message carries its id, the token and the whole payload', async () => {
  const received: Received[] = [];
  const server = await listen(received);
  const outcome = await send(
    { ...CLAWDBOT, url: `http://127.0.0.1:${portOf(server)}/webhook/alertmanager`, token: 's3cret' },
    delivery,
    never,
  );
  await close(server);
  assert.deepEqual(outcome, { kind: 'delivered' });
  const [request] = received;
  assert.equal(request?.headers['authorization'], 'Bearer s3cret');
  assert.equal(request?.headers['content-type'], 'application/json');
  assert.equal(request?.headers['x-guardian-notification-id'], 'nt_1');
  assert.deepEqual(request?.body, webhookPayload(message));
});

test('credentials in the address become basic credentials and are in no error', async () => {
  const received: Received[] = [];
  const server = await listen(received);
  const url = `http://ana:p%40ss%3Aé@127.0.0.1:${portOf(server)}/hook?key=k-1`;
  assert.deepEqual(await send({ ...CLAWDBOT, url }, delivery, never), { kind: 'delivered' });
  await close(server);
  const [scheme, credentials = ''] = received[0]?.headers['authorization']?.split(' ') ?? [];
  assert.deepEqual([scheme, Buffer.from(credentials, 'base64').toString()], ['Basic', 'ana:p@ss:é']);
  for (const address of [url, 'http://ana:pw@[bad/k-1', 'http://ana:pw@127.0.0.1:6000/k-1', 'ftp://ana:pw@x/k-1']) {
    const outcome = await send({ ...CLAWDBOT, url: address }, delivery, never);
    assert.equal(outcome.kind, 'retry');
    assert.doesNotMatch(JSON.stringify(outcome), /ana|pw|k-1|127\.0/);
  }
});

test('the ports that are refused at the start are those that fetch refuses', async () => {
  const ports = Array.from({ length: 65 }, (_, index) => (index + 1) * 1000).concat([1, 22, 25, 587, 2049, 6000, 6566, 6697, 10_080]);
  for (const port of ports) {
    const url = `http://127.0.0.1:${port}`;
    const reason = await fetch(url, { signal: AbortSignal.timeout(500) }).then(
      () => '',
      (error: unknown) => String((error as Error).cause),
    );
    assert.equal(isBlockedPort(new URL(url)), reason.includes('bad port'), url);
  }
});

test('answers and silence are told apart', async () => {
  let status = 503;
  const server = await listen([], 0, () => status);
  const receiver = { ...CLAWDBOT, url: `http://127.0.0.1:${portOf(server)}/` };
  assert.deepEqual(await send(receiver, delivery, never), { kind: 'retry', error: 'HTTP 503', afterMs: 7000 });
  status = 400;
  assert.deepEqual(await send(receiver, delivery, never), { kind: 'refused', error: 'HTTP 400' });
  await close(server);
  const gone = await send(receiver, delivery, never);
  assert.ok(gone.kind === 'retry' && /^(ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET)$/.test(gone.error));
  assert.equal((await send(receiver, delivery, AbortSignal.abort())).kind, 'retry');
});

test('a receiver that is stopped and started again gets firing and resolved, each once', async (t) => {
  const received: Received[] = [];
  let server = await listen(received);
  const port = portOf(server);
  await close(server);
  const harness = await createAlertHarness(database, [{ ...CLAWDBOT, url: `http://127.0.0.1:${port}/webhook/alertmanager` }]);
  t.after(harness.release);
  harness.answer = ({ id, message: content }, signal) =>
    send({ ...CLAWDBOT, url: `http://127.0.0.1:${port}/` }, { id, message: content }, signal);
  const answered = async (): Promise<void> => {
    await harness.worker.idle();
    await harness.advance(0);
  };

  await harness.publish(eventOf('opened', 10, anomalyOf()));
  await harness.advance(5000);
  assert.equal(received.length, 0);
  server = await listen(received, port);
  await harness.advance(2000);
  await answered();
  assert.equal(received.length, 1);

  await harness.restart();
  await close(server);
  await harness.publish(eventOf('resolved', 14, resolvedOf()));
  await harness.advance(60_000);
  server = await listen(received, port);
  await until(async () => {
    await harness.advance(1000);
    return received.length === 2;
  }, 'resolved');
  for (let second = 0; second < 120; second += 10) await harness.advance(10_000);
  await close(server);
  assert.deepEqual(
    received.map(({ body }) => body.status),
    ['firing', 'resolved'],
  );
});
