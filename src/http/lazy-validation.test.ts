import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fastify } from 'fastify';
import { buildValidator } from './lazy-validation.ts';

test('a schema is compiled by its first request, and refuses and changes what it did when compiled at the start', async () => {
  const ask = async (options: object): Promise<unknown[]> => {
    const app = fastify(options);
    const schema = { querystring: { type: 'object', properties: { limit: { type: 'integer', maximum: 5 } }, required: ['limit'] } };
    app.get('/list', { schema }, (request) => request.query);
    const answers: unknown[] = [];
    for (const url of ['/list?limit=3', '/list?limit=6', '/list', '/list?limit=2']) {
      const { statusCode, body } = await app.inject({ url });
      answers.push([statusCode, body]);
    }
    await app.close();
    return answers;
  };
  const lazy = await ask({ schemaController: { compilersFactory: { buildValidator } } });
  assert.deepEqual(lazy, await ask({}));
  assert.deepEqual(lazy[0], [200, '{"limit":3}']);
});

test('a schema that no request needs costs nothing at the start', async () => {
  const app = fastify({ schemaController: { compilersFactory: { buildValidator } } });
  let reads = 0;
  const body = {
    get type() {
      reads += 1;
      return 'object';
    },
  };
  app.post('/rare', { schema: { body } }, () => 'done');
  await app.ready();
  const before = reads;
  assert.equal((await app.inject({ method: 'POST', url: '/rare', payload: {} })).statusCode, 200);
  assert.ok(reads > before, 'compiled at the start');
  await app.close();
});
