import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { keepBusyConnections } from './busy-connections.ts';

test('an answer that takes longer than a connection may be idle arrives', async () => {
  const app = fastify({ connectionTimeout: 50 });
  keepBusyConnections(app);
  app.post('/slow', async (request) => {
    const { socket } = request.raw;
    // The connection has been idle for too long.
    await new Promise((resolve) => socket.once('timeout', resolve));
    await new Promise((resolve) => setImmediate(resolve));
    return { isOpen: !socket.destroyed };
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  try {
    const answer = await fetch(`${address}/slow`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    assert.deepEqual(await answer.json(), { isOpen: true });
  } finally {
    await app.close();
  }
});
