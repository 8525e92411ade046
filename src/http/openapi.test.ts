import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestServer } from './server-under-test.ts';

test('every topic that a route names is described, and no other route starts', async (t) => {
  await assert.rejects(
    createTestServer({
      deps: { routes: [(app) => void app.get('/notes', { schema: { tags: ['notes'], summary: 'List notes' }, handler: () => ({}) })] },
    }),
    /\/api\/v1\/notes has the tag notes/,
  );
  const { app } = await createTestServer();
  t.after(() => app.close());
  const { tags } = (await app.inject('/openapi.json')).json<{ tags: readonly { name: string; description: string }[] }>();
  assert.ok(tags.some(({ name }) => name === 'incidents') && tags.every(({ description }) => description.endsWith('.')));
});
