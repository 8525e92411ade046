import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { NO_HEADERS, type RecordHeaders } from '../../topic/record-headers.ts';
import type { BusRecord, OutRecord } from '../bus.ts';
import { decodeHeaders, encodeHeaders } from '../header-text.ts';

/** A block is closed when it holds this much: a reader always loads whole blocks. */
export const BLOCK_RECORDS = 4096;
export const BLOCK_BYTES = 524_288;

// Block: u8 format, 3 unused bytes, u32 CRC32 of the rest (little endian), then per record three varints (length of key and
// of value, code of the headers), key, headers and value. The code is 0 without headers, 1 for those of the record before, else
// their length + 2. Format 1 has no headers; format 12 is format 2 with all
// behind the first 8 bytes compressed by zstd. One time for the whole block is kept beside it: all its records became durable
// in one commit.
const FORMAT = 2;
const FORMAT_WITHOUT_HEADERS = 1;
/** A bit that flips makes no format of another one. */
const FORMAT_COMPRESSED = 12;
/** Smaller blocks hold too little that repeats. */
const COMPRESS_FROM_BYTES = 2048;
/** A block that claims to be larger is damaged: one record may have 8 MiB. */
const MAX_UNPACKED_BYTES = 33_554_432;
const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** What is decompressed in one piece: every block but one with a large record. */
const [LEAST_AT_ONCE_BYTES, MOST_AT_ONCE_BYTES] = [16_384, BLOCK_BYTES + 65_536];
const HEADER_BYTES = 8;
const VARINTS_BYTES = 15;
const [NONE, AS_BEFORE, FIRST_LENGTH] = [0, 1, 2];
const INLINE_KEY_LENGTH = 64;
const encoder = new TextEncoder();

/** A block that is being filled. `used`: bytes so far, header included. */
export interface OpenBlock {
  bytes: Uint8Array<ArrayBuffer>;
  used: number;
  count: number;
  /** Headers of the last record. */
  headers: RecordHeaders;
}

/** Upper bound of the bytes that a record takes in a block. */
export function recordBound({ key, value, headers }: OutRecord): number {
  return (
    VARINTS_BYTES +
    (key === undefined ? 0 : key.length * 3) +
    value.byteLength +
    (headers === undefined ? 0 : encodeHeaders(headers).length)
  );
}

/** A block with room for `recordBytes` before it has to grow. Its memory is its own and can be transferred. */
export function openBlock(recordBytes: number): OpenBlock {
  const bytes = allocate(HEADER_BYTES + recordBytes);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, FORMAT, true);
  return { bytes, used: HEADER_BYTES, count: 0, headers: NO_HEADERS };
}

/** Copies a record to the end of the block, which grows as needed. */
export function appendRecord(block: OpenBlock, record: OutRecord): void {
  const { key = '', value, headers = NO_HEADERS } = record;
  const needed = block.used + recordBound(record);
  if (needed > block.bytes.byteLength) {
    const grown = allocate(Math.max(needed, block.bytes.byteLength * 2));
    grown.set(block.bytes.subarray(0, block.used));
    block.bytes = grown;
  }
  const said = saidOf(headers, block.headers);
  block.headers = headers;
  let at = writeLengthsAndKey(block.bytes, block.used, key, { value: value.byteLength, code: said.code });
  if (said.bytes !== undefined) {
    block.bytes.set(said.bytes, at);
    at += said.bytes.byteLength;
  }
  block.bytes.set(value, at);
  block.used = at + value.byteLength;
  block.count += 1;
}

/** How the headers of a record are written after those of the record before. */
function saidOf(headers: RecordHeaders, before: RecordHeaders): { readonly code: number; readonly bytes?: Uint8Array } {
  if (headers === NO_HEADERS) return { code: NONE };
  if (headers === before) return { code: AS_BEFORE };
  const bytes = encodeHeaders(headers);
  return { code: bytes.byteLength + FIRST_LENGTH, bytes };
}

interface Lengths {
  readonly value: number;
  readonly code: number;
}

function writeLengths(bytes: Uint8Array, start: number, keyLength: number, { value, code }: Lengths): number {
  return writeVarint(bytes, writeVarint(bytes, writeVarint(bytes, start, keyLength), value), code);
}

function writeLengthsAndKey(bytes: Uint8Array, start: number, key: string, lengths: Lengths): number {
  const length = key.length;
  if (length <= INLINE_KEY_LENGTH) {
    let at = writeLengths(bytes, start, length, lengths);
    let seen = 0;
    for (let index = 0; index < length; index += 1) {
      const unit = key.charCodeAt(index);
      seen |= unit;
      bytes[at++] = unit;
    }
    if (seen < 0x80) return at;
  }
  const encoded = encoder.encode(key);
  const at = writeLengths(bytes, start, encoded.byteLength, lengths);
  bytes.set(encoded, at);
  return at + encoded.byteLength;
}

/** Writes the checksum into a full block, of whatever format: the last step before it is stored. `bytes`: header and records. */
export function stampBlock(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(4, crc32(bytes.subarray(HEADER_BYTES)), true);
}

/** Compresses a block that is not compressed yet, where that pays. The checksum is still to be written. */
export function packBlock(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.byteLength < COMPRESS_FROM_BYTES || formatOf(bytes) !== FORMAT) return bytes;
  const packed = zstdCompressSync(bytes.subarray(HEADER_BYTES), FASTEST);
  if (packed.byteLength > bytes.byteLength * 0.9) return bytes;
  const block = allocate(HEADER_BYTES + packed.byteLength);
  new DataView(block.buffer, block.byteOffset).setUint32(0, FORMAT_COMPRESSED, true);
  block.set(packed, HEADER_BYTES);
  return block;
}

/** The records of a checked block, without its header. */
function recordsOf(bytes: Uint8Array): Uint8Array {
  const records = bytes.subarray(HEADER_BYTES);
  if (formatOf(bytes) !== FORMAT_COMPRESSED) return records;
  try {
    // In one piece: Node's own pieces of 16 KB would be joined by one more copy.
    const chunkSize = Math.min(MOST_AT_ONCE_BYTES, LEAST_AT_ONCE_BYTES + records.byteLength * 16);
    return zstdDecompressSync(records, { chunkSize, maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (error) {
    throw new RangeError('the block cannot be decompressed', { cause: error });
  }
}

/** Records of a stored block; values are views of its bytes, or of those that were decompressed. Throws RangeError when the block is damaged. */
export function decodeBlock(stored: Uint8Array, block: { firstOffset: number; count: number; publishedAt: number }): BusRecord[] {
  const hasHeaders = checkHeader(stored) !== FORMAT_WITHOUT_HEADERS;
  const bytes = recordsOf(stored);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cursor = { at: 0 };
  const records: BusRecord[] = [];
  let headers = NO_HEADERS;
  for (let index = 0; index < block.count; index += 1) {
    const keyLength = readVarint(bytes, cursor);
    const valueLength = readVarint(bytes, cursor);
    const code = hasHeaders ? readVarint(bytes, cursor) : NONE;
    const keyEnd = cursor.at + keyLength;
    const start = keyEnd + Math.max(0, code - FIRST_LENGTH);
    const end = start + valueLength;
    if (end > bytes.byteLength) throw new RangeError('a record reaches beyond its block');
    const key = keyLength === 0 ? '' : text.toString('utf8', cursor.at, keyEnd);
    if (code !== AS_BEFORE) headers = code === NONE ? NO_HEADERS : decodeHeaders(text.toString('utf8', keyEnd, start));
    const value = new Uint8Array(bytes.buffer, bytes.byteOffset + start, valueLength);
    records.push({ offset: block.firstOffset + index, key, value, headers, publishedAt: block.publishedAt });
    cursor.at = end;
  }
  if (cursor.at !== bytes.byteLength) throw new RangeError('the block holds more than its records');
  return records;
}

/** The format of a block that is whole. */
function checkHeader(bytes: Uint8Array): number {
  if (bytes.byteLength < HEADER_BYTES) throw new RangeError('the block is shorter than its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = formatOf(bytes);
  if (format !== FORMAT && format !== FORMAT_WITHOUT_HEADERS && format !== FORMAT_COMPRESSED)
    throw new RangeError('the block has an unknown format');
  if (view.getUint32(4, true) !== crc32(bytes.subarray(HEADER_BYTES))) throw new RangeError('the checksum does not fit the block');
  return format;
}

function formatOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
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
