import { performance } from 'node:perf_hooks';
import { collectGarbage } from '../collect-garbage.ts';

const LOOK_MS = 10_000;
/** Share of the time between two looks in which the thread may have worked. */
const QUIET_SHARE = 0.1;
/** Memory that is worth a collection, bytes. */
const WORTH_BYTES = 16_777_216;

/** What a thread has taken for JavaScript: its heap, used or not, and array buffers. */
const takenBytes = (): number => {
  const { heapTotal, arrayBuffers } = process.memoryUsage();
  return heapTotal + arrayBuffers;
};

/** Collects garbage in this thread when it is quiet and has taken 16 MiB more than after the last time: V8 collects to make
 *  room for new objects, so a thread that makes few keeps what a start or a burst has left. Returns how to stop it. */
export function collectWhenIdle(lookMs = LOOK_MS): () => void {
  let keptBytes = 0;
  let before = performance.eventLoopUtilization();
  const look = (): void => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > QUIET_SHARE || takenBytes() < keptBytes + WORTH_BYTES) return;
    collectGarbage();
    keptBytes = takenBytes();
    before = performance.eventLoopUtilization();
  };
  const timer = setInterval(look, lookMs).unref();
  return () => clearInterval(timer);
}
