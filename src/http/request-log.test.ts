import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { logRequests } from './request-log.ts';

test('a probe that is answered 503 while the program starts writes no warnings, a refused transaction does', async (t) => {
  const lines: { level: number; route: string; status: number }[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) });
  const app = fastify();
  t.after(() => app.close());
  logRequests(app, log, new Registry());
  app.get('/ready', { config: { public: true, quiet: true } }, async (_, reply) => reply.code(503).send());
  app.post('/transaction', { config: { scope: 'write', quiet: true } }, async (_, reply) => reply.code(503).send());
  app.get('/alerts', async (_, reply) => reply.code(404).send());
  await app.inject({ method: 'GET', url: '/ready' });
  await app.inject({ method: 'POST', url: '/transaction' });
  await app.inject({ method: 'GET', url: '/alerts' });
  assert.deepEqual(
    lines.map(({ route, level }) => [route, pino.levels.labels[level]]),
    [
      ['/ready', 'debug'],
      ['/transaction', 'warn'],
      ['/alerts', 'info'],
    ],
  );
});
