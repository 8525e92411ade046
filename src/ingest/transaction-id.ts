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
  const id = Buffer.from('00000000-0000-7000-8000-000000000000');

  function begin(ms: number): void {
    [lastMs, counter] = [ms, 0];
    const high = Math.floor(ms / 65_536);
    writeHex(id, 0, high, 8);
    writeHex(id, 9, ms - high * 65_536, 4);
  }

  return () => {
    const now = clock.now();
    if (now > lastMs) begin(now);
    else if (++counter > 0xfff) begin(lastMs + 1);
    if (used + RANDOM_BYTES > pool.length) [pool, used] = [Buffer.from(randomBytes(POOL_BYTES)), 0];
    writeHex(id, 15, counter, 3);
    // The two highest bits of this group are the variant.
    writeHex(id, 19, (pool.readUInt16BE(used) & 0x3fff) | 0x8000, 4);
    writeHex(id, 24, pool.readUIntBE(used + 2, 3), 6);
    writeHex(id, 30, pool.readUIntBE(used + 5, 3), 6);
    used += RANDOM_BYTES;
    return id.toString('latin1');
  };
}

const HEX = Buffer.from('0123456789abcdef');

/** Writes so many hex digits of a number below 2^32. */
function writeHex(into: Buffer, at: number, value: number, digits: number): void {
  for (let digit = digits - 1; digit >= 0; digit -= 1) {
    into[at + digit] = HEX[value & 15] ?? 0;
    value >>>= 4;
  }
}
