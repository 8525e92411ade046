import type { MessagePort, Worker } from 'node:worker_threads';

const END_NOW = 'end-now';
/** How long a thread that turns may take to end by itself. */
const PATIENCE_MS = 3000;

/** Has this thread end when `endThread` asks it to: at a turn of its event loop, whatever it waits for. */
export function endWhenAsked(port: MessagePort): void {
  port.on('message', (message: unknown) => {
    if (message === END_NOW) process.exit(1);
  });
}

/** Ends a thread that calls `endWhenAsked`: by itself, or by force when its event loop hangs. Force may come in the middle of anything: in a
 *  (de)compression of zstd it ends the whole process (Node.js aborts with "close before init"). Resolves when the thread is gone. */
export async function endThread(worker: Worker, patienceMs = PATIENCE_MS): Promise<void> {
  if (worker.threadId < 0) return;
  const exit = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.postMessage(END_NOW);
  const timer = setTimeout(() => void worker.terminate(), patienceMs);
  await exit;
  clearTimeout(timer);
}
