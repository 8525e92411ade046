import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInTest, testFolder, testServer } from '../test-run.ts';

test('a server that is not healthy still gets a link from this machine, one that is not there does not', async (t) => {
  const cwd = testFolder(t);
  const asked: (string | undefined)[] = [];
  const url = await testServer(t, (request, response) => {
    asked.push(request.url);
    response.writeHead(503, { 'content-type': 'application/json' }).end('{"status":"unhealthy"}');
  });
  writeFileSync(join(cwd, 'guardian.yaml'), `access:\n  signing_secret: ${'ab'.repeat(32)}\n  service_token: gst_${'ab'.repeat(32)}\n`);
  const { out, err } = await runInTest(['link', '--url', url], { cwd });
  assert.equal(asked[0], '/api/v1/health');
  assert.ok(out.startsWith(`${url}/?token=`), err);
  const gone = await runInTest(['link', '--url', 'http://127.0.0.1:1'], { cwd });
  assert.equal(gone.code, 1);
});
