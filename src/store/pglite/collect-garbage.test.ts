import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { collectGarbage } from './collect-garbage.ts';

const TIMES = 50;
/** As a thread that has just collected, again and again. */
const OTHER = `import { setFlagsFromString } from 'node:v8';
  import { parentPort } from 'node:worker_threads';
  parentPort.postMessage('begun');
  for (;;) setFlagsFromString('--no-expose-gc');`;

test('a thread collects while another one ends its own collection: flags are those of the process', async (t) => {
  const other = new Worker(new URL(`data:text/javascript,${encodeURIComponent(OTHER)}`));
  t.after(() => other.terminate());
  await once(other, 'message');
  for (let time = 0; time < TIMES; time += 1) collectGarbage();
});
