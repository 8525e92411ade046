import { performance } from 'node:perf_hooks';
import { collectGarbage } from './engines.ts';

const LOOK_MS = 10_000;
/** Share of the time between two looks in which a quiet thread works at most. */
const QUIET_SHARE = 0.5;
/** Memory that is worth a collection, bytes. */
const WORTH_BYTES = 16_777_216;
/** Looks with so much to collect after which a thread that is never quiet collects too. */
const BUSY_LOOKS = 30;

/** What a thread has taken for JavaScript: its heap, used or not, and array buffers. */
const takenBytes = (): number => {
  const { heapTotal, arrayBuffers } = process.memoryUsage();
  return heapTotal + arrayBuffers;
};

/** Collects garbage in this thread when it has taken 16 MiB more than after the last time and is quiet, or after five minutes: V8
 *  collects to make room for new objects, so a thread that makes few keeps what a start or a burst has left. Returns how to
 *  stop it. */
export function collectWhenIdle(lookMs = LOOK_MS): () => void {
  let keptBytes = 0;
  let looks = 0;
  let before = performance.eventLoopUtilization();
  const look = (): void => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    looks = takenBytes() < keptBytes + WORTH_BYTES ? 0 : looks + 1;
    if (looks === 0 || (utilization > QUIET_SHARE && looks < BUSY_LOOKS)) return;
    collectGarbage();
    keptBytes = takenBytes();
    looks = 0;
    before = performance.eventLoopUtilization();
  };
  const timer = setInterval(look, lookMs).unref();
  return () => clearInterval(timer);
}
