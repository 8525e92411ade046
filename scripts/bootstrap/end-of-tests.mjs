// Loaded before each test file. node:test waits for the process of a file, for ever where a test left a timer or a socket behind;
// and what a test that fails has started goes on beside the files after it.
import { isMainThread } from 'node:worker_threads';
import { endProcessesOf } from './left-of-tests.mjs';

/** For what a file closes after its last test. */
const DEFAULT_END_MS = 300_000;
/** Variable of every process that a file starts. Not one of ours: the program refuses what is no setting. */
const MARK = 'TEST_FILE_PID';

// Threads and processes that a test starts inherit the arguments of Node, and with them this file.
if (isMainThread && /\.test\.m?[jt]s$/.test(process.argv[1] ?? '')) {
  const { after } = await import('node:test');
  process.env[MARK] = String(process.pid);
  process.on('exit', () => endProcessesOf(process.pid, `${MARK}=${process.pid}`, process.argv[1]));
  for (const [signal, number] of [
    ['SIGTERM', 15],
    ['SIGINT', 2],
  ])
    process.once(signal, () => process.exit(128 + number));
  after(() => {
    const endMs = Number(process.env.GUARDIAN_TEST_END_MS ?? DEFAULT_END_MS);
    setTimeout(() => {
      const held = process.getActiveResourcesInfo().join(', ');
      process.stderr.write(`${process.argv[1]}: the process did not end within ${endMs / 1000} s of its last test; held by: ${held}\n`);
      process.exit(1);
    }, endMs).unref();
  });
}
