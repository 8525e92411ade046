import { crc32 } from 'node:zlib';
import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { RecordHeaders } from '../../topic/record-headers.ts';
import type { OutRecord } from '../bus.ts';

// A frame: magic, bytes of the description, bytes of the value, CRC-32 of everything behind it (four bytes each, big endian), the
// description as JSON, the value.
const MAGIC = 0x54_47_53_31;
const HEAD_BYTES = 16;

/** A record of a spool file. `at`: when it was spooled, epoch milliseconds. */
export interface SpooledRecord extends OutRecord {
  readonly topic: Topic;
  readonly at: number;
}

interface Description {
  readonly t: Topic;
  readonly at: number;
  readonly k?: string;
  readonly h?: RecordHeaders;
}

/** What a spool file holds. `damagedBytes`: what cannot be read between frames and behind them; `tornBytes`: a last frame that was not
 *  written to its end, so that nobody had an answer for it. */
export interface ScannedFile {
  readonly records: readonly SpooledRecord[];
  readonly damagedBytes: number;
  readonly tornBytes: number;
}

/** Writes records as frames, one behind the other. Pure. */
export function encodeFrames(topic: Topic, records: readonly OutRecord[], at: number): Buffer {
  const described = records.map(({ key, headers, value }) => {
    const description: Description = {
      t: topic,
      at,
      ...(key === undefined ? {} : { k: key }),
      ...(headers === undefined ? {} : { h: headers }),
    };
    return { text: Buffer.from(JSON.stringify(description)), value };
  });
  const frames = Buffer.allocUnsafe(described.reduce((sum, { text, value }) => sum + HEAD_BYTES + text.length + value.byteLength, 0));
  let from = 0;
  for (const { text, value } of described) {
    const end = from + HEAD_BYTES + text.length + value.byteLength;
    frames.writeUInt32BE(MAGIC, from);
    frames.writeUInt32BE(text.length, from + 4);
    frames.writeUInt32BE(value.byteLength, from + 8);
    frames.set(text, from + HEAD_BYTES);
    frames.set(value, from + HEAD_BYTES + text.length);
    frames.writeUInt32BE(checksum(frames, from, end), from + 12);
    from = end;
  }
  return frames;
}

/** Reads a spool file. A frame whose checksum is wrong is passed over: reading continues at the next one that is whole. Pure. */
export function scanFrames(file: Buffer): ScannedFile {
  const records: SpooledRecord[] = [];
  let damagedBytes = 0;
  let from = 0;
  while (from < file.length) {
    const frame = readFrame(file, from);
    if (frame.kind === 'whole') {
      records.push(frame.record);
      from = frame.end;
      continue;
    }
    const next = nextWhole(file, from + 1);
    if (next === undefined && frame.kind === 'short') return { records, damagedBytes, tornBytes: file.length - from };
    damagedBytes += (next ?? file.length) - from;
    from = next ?? file.length;
  }
  return { records, damagedBytes, tornBytes: 0 };
}

type Frame = { readonly kind: 'whole'; readonly record: SpooledRecord; readonly end: number } | { readonly kind: 'short' | 'damaged' };

function readFrame(file: Buffer, from: number): Frame {
  if (file.length - from < HEAD_BYTES) return { kind: 'short' };
  if (file.readUInt32BE(from) !== MAGIC) return { kind: 'damaged' };
  const value = from + HEAD_BYTES + file.readUInt32BE(from + 4);
  const end = value + file.readUInt32BE(from + 8);
  if (end > file.length) return { kind: 'short' };
  if (file.readUInt32BE(from + 12) !== checksum(file, from, end)) return { kind: 'damaged' };
  const { t: topic, at, k, h } = JSON.parse(file.toString('utf8', from + HEAD_BYTES, value)) as Description;
  const rest = { ...(k === undefined ? {} : { key: k }), ...(h === undefined ? {} : { headers: h }) };
  return { kind: 'whole', record: { topic, at, value: file.subarray(value, end), ...rest }, end };
}

/** Where the next whole frame begins. */
function nextWhole(file: Buffer, from: number): number | undefined {
  const magic = Buffer.alloc(4);
  magic.writeUInt32BE(MAGIC);
  for (let at = file.indexOf(magic, from); at >= 0; at = file.indexOf(magic, at + 1)) if (readFrame(file, at).kind === 'whole') return at;
  return undefined;
}

/** Of the two lengths and what follows the checksum. */
function checksum(frames: Buffer, from: number, end: number): number {
  return crc32(frames.subarray(from + HEAD_BYTES, end), crc32(frames.subarray(from + 4, from + 12)));
}
