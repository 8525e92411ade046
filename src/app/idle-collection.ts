import { performance } from 'node:perf_hooks';
import { collectGarbage } from './engines.ts';

const LOOK_MS = 10_000;
/** Share of the time between two looks in which a quiet thread works at most. */
const QUIET_SHARE = 0.5;
/** Memory that is worth a collection, bytes. */
const WORTH_BYTES = 16_777_216;
/** Looks between two collections of a thread that is quiet: what it needs for its traffic it takes again. */
const QUIET_LOOKS = 6;
/** The same of a thread that never is. */
const BUSY_LOOKS = 30;

/** What a thread has taken for JavaScript: its heap, used or not, and array buffers. */
const takenBytes = (): number => {
  const { heapTotal, arrayBuffers } = process.memoryUsage();
  return heapTotal + arrayBuffers;
};

/** Collects garbage in this thread when it has taken, at some look, 16 MiB more than after the last time, and is quiet or was
 *  busy for five minutes. V8 collects to make room for new objects, so a thread that makes few keeps what a start or a burst has left,
 *  and what V8 frees by itself stays with the process. Returns how to stop it. */
export function collectWhenIdle({ lookMs = LOOK_MS, quietShare = QUIET_SHARE } = {}): () => void {
  let keptBytes = 0;
  let peakBytes = 0;
  let looks = QUIET_LOOKS;
  let before = performance.eventLoopUtilization();
  const look = (): void => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    looks += 1;
    peakBytes = Math.max(peakBytes, takenBytes());
    if (peakBytes < keptBytes + WORTH_BYTES || looks < (utilization > quietShare ? BUSY_LOOKS : QUIET_LOOKS)) return;
    collectGarbage();
    keptBytes = takenBytes();
    peakBytes = 0;
    looks = 0;
    before = performance.eventLoopUtilization();
  };
  const timer = setInterval(look, lookMs).unref();
  return () => clearInterval(timer);
}
