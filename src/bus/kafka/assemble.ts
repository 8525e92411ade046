import type { BusRecord } from '../bus.ts';
import { MAX_RECORD_BYTES } from '../bus.ts';
import type { RawRecord } from './fetcher.ts';
import type { Part } from './part.ts';
import { createHeaderReader } from './record-codec.ts';

/** Parts of unfinished records that are kept, bytes of one partition. What is dropped is read again when its last part comes. */
const MAX_OPEN_BYTES = 2 * MAX_RECORD_BYTES;
const EMPTY = new Uint8Array(0);

export interface AssemblerOptions {
  /** Reads Kafka records again: all from one offset to before another. Null when they are no longer kept. */
  readonly readAgain: (from: number, to: number) => Promise<readonly RawRecord[] | null>;
  /** Called for a large record whose first parts are no longer kept. */
  readonly onCut: (offset: number) => void;
}

/** Makes bus records of the Kafka records of one partition. */
export interface Assembler {
  /** Takes Kafka records in offset order and appends the bus records that are whole with them. */
  take(raw: readonly RawRecord[], into: BusRecord[]): Promise<void>;
}

interface Series {
  readonly parts: Uint8Array[];
  bytes: number;
}

/** Creates an assembler that begins at `start`. A large record has the offset of its last part, so that a position behind it is behind all
 *  of them; one that began before `start` is read from its first part. */
export function createAssembler(start: number, options: AssemblerOptions): Assembler {
  const readHeaders = createHeaderReader();
  const open = new Map<string, Series>();
  let openBytes = 0;
  let expected = start;

  function drop(id: string): void {
    openBytes -= open.get(id)?.bytes ?? 0;
    open.delete(id);
  }

  function keep({ series, index }: Part, value: Uint8Array): void {
    const found = index === 0 ? { parts: [], bytes: 0 } : open.get(series);
    if (found === undefined || found.parts.length !== index) return;
    if (index === 0) drop(series);
    found.parts.push(value);
    found.bytes += value.byteLength;
    open.set(series, found);
    openBytes += value.byteLength;
    for (const [id] of open) if (openBytes > MAX_OPEN_BYTES) drop(id);
  }

  async function finish(part: Part, offset: number, value: Uint8Array): Promise<Uint8Array | undefined> {
    const found = open.get(part.series);
    drop(part.series);
    if (found?.parts.length === part.index) return Buffer.concat([...found.parts, value]);
    const again = part.first === null || part.first >= offset ? null : await options.readAgain(part.first, offset);
    const parts: Uint8Array[] = [];
    for (const raw of again ?? []) {
      const { part: other } = readHeaders(raw.headers);
      if (other?.series === part.series && other.index === parts.length) parts.push(raw.value ?? EMPTY);
    }
    return parts.length === part.index ? Buffer.concat([...parts, value]) : undefined;
  }

  return {
    async take(raw, into) {
      for (const { offset, key, value, headers: rawHeaders, publishedAt } of raw) {
        const { headers, part } = readHeaders(rawHeaders);
        let whole: Uint8Array | undefined = value ?? EMPTY;
        if (part !== undefined && part.index < part.count - 1) {
          keep(part, whole);
          continue;
        }
        if (part !== undefined && part.count > 1) whole = await finish(part, offset, whole);
        if (whole === undefined) {
          options.onCut(offset);
          continue;
        }
        const since = expected;
        expected = offset + 1;
        into.push({ offset, key: key?.toString() ?? '', value: whole, headers, publishedAt, ...(since < offset ? { since } : {}) });
      }
    },
  };
}
