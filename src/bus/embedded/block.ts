import { crc32 } from 'node:zlib';
import type { BusRecord } from '../bus.ts';

/** A block is closed when it holds this much: a reader always loads whole blocks. */
export const BLOCK_RECORDS = 4096;
export const BLOCK_BYTES = 524_288;

// Block: u8 format, 3 unused bytes, u32 CRC32 of the rest (little endian), then per record two varints (length of key and
// of value) and both. One time for the whole block is kept beside it: all its records became durable in one commit.
const FORMAT = 1;
const HEADER_BYTES = 8;
const VARINTS_BYTES = 10;
const INLINE_KEY_LENGTH = 64;
const encoder = new TextEncoder();

/** A block that is being filled. `used`: bytes so far, header included. */
export interface OpenBlock {
  bytes: Uint8Array<ArrayBuffer>;
  used: number;
  count: number;
}

/** Upper bound of the bytes that a record takes in a block. */
export function recordBound(key: string | undefined, value: Uint8Array): number {
  return VARINTS_BYTES + (key === undefined ? 0 : key.length * 3) + value.byteLength;
}

/** A block with room for `recordBytes` before it has to grow. Its memory is its own and can be transferred. */
export function openBlock(recordBytes: number): OpenBlock {
  return { bytes: allocate(HEADER_BYTES + recordBytes), used: HEADER_BYTES, count: 0 };
}

/** Copies a record to the end of the block, which grows as needed. */
export function appendRecord(block: OpenBlock, key: string, value: Uint8Array): void {
  const needed = block.used + recordBound(key, value);
  if (needed > block.bytes.byteLength) {
    const grown = allocate(Math.max(needed, block.bytes.byteLength * 2));
    grown.set(block.bytes.subarray(0, block.used));
    block.bytes = grown;
  }
  const at = writeLengthsAndKey(block.bytes, block.used, key, value.byteLength);
  block.bytes.set(value, at);
  block.used = at + value.byteLength;
  block.count += 1;
}

function writeLengthsAndKey(bytes: Uint8Array, start: number, key: string, valueLength: number): number {
  const length = key.length;
  if (length <= INLINE_KEY_LENGTH) {
    let at = writeVarint(bytes, writeVarint(bytes, start, length), valueLength);
    let seen = 0;
    for (let index = 0; index < length; index += 1) {
      const unit = key.charCodeAt(index);
      seen |= unit;
      bytes[at++] = unit;
    }
    if (seen < 0x80) return at;
  }
  const encoded = encoder.encode(key);
  const at = writeVarint(bytes, writeVarint(bytes, start, encoded.byteLength), valueLength);
  bytes.set(encoded, at);
  return at + encoded.byteLength;
}

/** Writes format and checksum into a full block: the last step before it is stored. `bytes`: header and records. */
export function stampBlock(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(0, FORMAT, true);
  view.setUint32(4, crc32(bytes.subarray(HEADER_BYTES)), true);
}

/** Records of a stored block; values are views of `bytes`. Throws RangeError when the block is damaged. */
export function decodeBlock(bytes: Uint8Array, block: { firstOffset: number; count: number; publishedAt: number }): BusRecord[] {
  checkHeader(bytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cursor = { at: HEADER_BYTES };
  const records: BusRecord[] = [];
  for (let index = 0; index < block.count; index += 1) {
    const keyLength = readVarint(bytes, cursor);
    const valueLength = readVarint(bytes, cursor);
    const keyEnd = cursor.at + keyLength;
    const end = keyEnd + valueLength;
    if (end > bytes.byteLength) throw new RangeError('a record reaches beyond its block');
    const key = keyLength === 0 ? '' : text.toString('utf8', cursor.at, keyEnd);
    records.push({ offset: block.firstOffset + index, key, value: bytes.subarray(keyEnd, end), publishedAt: block.publishedAt });
    cursor.at = end;
  }
  if (cursor.at !== bytes.byteLength) throw new RangeError('the block holds more than its records');
  return records;
}

function checkHeader(bytes: Uint8Array): void {
  if (bytes.byteLength < HEADER_BYTES) throw new RangeError('the block is shorter than its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== FORMAT) throw new RangeError('the block has an unknown format');
  if (view.getUint32(4, true) !== crc32(bytes.subarray(HEADER_BYTES))) throw new RangeError('the checksum does not fit the block');
}

function allocate(size: number): Uint8Array<ArrayBuffer> {
  // Not zeroed and outside Buffer's pool, so that it costs little and can change threads.
  const buffer = Buffer.allocUnsafeSlow(size);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, size);
}

function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  while (value >= 0x80) {
    bytes[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  bytes[at++] = value;
  return at;
}

function readVarint(bytes: Uint8Array, cursor: { at: number }): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
  }
  throw new RangeError('a length cannot be read');
}
