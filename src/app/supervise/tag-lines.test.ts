import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { tagLines } from './tag-lines.ts';

async function tagged(chunks: readonly (string | Buffer)[], people: boolean): Promise<string> {
  const from = new PassThrough();
  let written = '';
  tagLines(from, 'window.2', { people, write: (text) => void (written += text), now: () => 0 });
  for (const chunk of chunks) from.write(chunk);
  from.end();
  await once(from, 'end');
  return written;
}

test('a line of JSON stays one, with the name of its process, however its bytes come', async () => {
  const line = Buffer.from('{"level":"info","msg":"pão"}\n{"level":"warn"}');
  const at = line.indexOf(0xc3) + 1;
  const written = await tagged([line.subarray(0, at), line.subarray(at)], false);
  assert.deepEqual(
    written
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as unknown),
    [
      { process: 'window.2', level: 'info', msg: 'pão' },
      { process: 'window.2', level: 'warn' },
    ],
  );
});

test('any other text is a line of JSON too, and has the name in front of it for people', async () => {
  const trace = 'Error: no\n    at x.ts:1\n\n';
  const written = await tagged([trace], false);
  assert.deepEqual(
    written
      .trimEnd()
      .split('\n')
      .map((text) => (JSON.parse(text) as { msg: string }).msg),
    ['Error: no', 'at x.ts:1'],
  );
  assert.equal(await tagged([trace], true), 'window.2  | Error: no\nwindow.2  | at x.ts:1\n');
});
