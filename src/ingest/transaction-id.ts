import type { Clock } from '../clock.ts';

const POOL_BYTES = 4096;
const RANDOM_BYTES = 8;

/** Makes ids of the form of a UUID version 7 (RFC 9562) that sort by the time they were made, also within a millisecond and
 *  when the clock jumps back. `randomBytes`: a source of that many random bytes. */
export function createTransactionId(clock: Clock, randomBytes: (size: number) => Uint8Array): () => string {
  let pool = Buffer.alloc(0);
  let used = 0;
  let lastMs = 0;
  let counter = 0;
  let head = '';
  return () => {
    const now = clock.now();
    if (now > lastMs) [lastMs, counter, head] = [now, 0, timeHead(now)];
    else if (++counter > 0xfff) [lastMs, counter, head] = [lastMs + 1, 0, timeHead(lastMs + 1)];
    if (used + RANDOM_BYTES > pool.length) [pool, used] = [Buffer.from(randomBytes(POOL_BYTES)), 0];
    const random = pool.toString('hex', used, used + RANDOM_BYTES);
    used += RANDOM_BYTES;
    const variant = '89ab'[Number.parseInt(random[0] ?? '0', 16) & 3] ?? '8';
    return `${head}-7${counter.toString(16).padStart(3, '0')}-${variant}${random.slice(1, 4)}-${random.slice(4)}`;
  };
}

function timeHead(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
