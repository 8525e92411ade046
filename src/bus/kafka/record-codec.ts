import type { KafkaRecord } from '@platformatic/kafka';
import { NO_HEADERS, type RecordHeaders } from '../../topic/record-headers.ts';
import { MAX_HEADERS_BYTES } from '../bus.ts';
import { encodeHeaders } from '../header-text.ts';
import { PART_HEADER, readPart, type Part } from './part.ts';

const encoded = new WeakMap<RecordHeaders, Map<Buffer, Buffer>>();

/** Headers as the library takes them. The same object gives the same answer. */
export function toKafkaHeaders(headers: RecordHeaders): Map<Buffer, Buffer> {
  let map = encoded.get(headers);
  if (map === undefined) {
    map = new Map(Object.entries(headers).map(([name, value]) => [Buffer.from(name), Buffer.from(value)]));
    encoded.set(headers, map);
  }
  return map;
}

/** What the headers of a Kafka record say. */
export interface ReadHeaders {
  readonly headers: RecordHeaders;
  readonly part: Part | undefined;
}

const NOTHING: ReadHeaders = { headers: NO_HEADERS, part: undefined };
type RawHeaders = KafkaRecord['headers'];

/** Makes a reader of headers, which gives the same object for the same headers in a row. Of a client that wrote more than our limit none
 *  are kept: a dead letter carries them on. */
export function createHeaderReader(): (raw: RawHeaders) => ReadHeaders {
  let lastRaw: RawHeaders = [];
  let last = NOTHING;
  return (raw) => {
    if (raw.length === 0) return NOTHING;
    if (!isSame(raw, lastRaw)) {
      last = readHeaders(raw);
      lastRaw = raw;
    }
    return last;
  };
}

function readHeaders(raw: RawHeaders): ReadHeaders {
  const headers: Record<string, string> = {};
  let part: Part | undefined;
  for (const [name, value] of raw) {
    const key = (name ?? '').toString().toLowerCase();
    const text = (value ?? '').toString();
    if (key === PART_HEADER) part = readPart(text);
    else Object.defineProperty(headers, key, { value: text, enumerable: true, configurable: true, writable: true });
  }
  const isLarge = encodeHeaders(headers).byteLength > MAX_HEADERS_BYTES;
  return { headers: isLarge ? NO_HEADERS : Object.freeze(headers), part };
}

function isSame(one: RawHeaders, other: RawHeaders): boolean {
  return (
    one.length === other.length &&
    one.every(([name, value], index) => {
      const [otherName, otherValue] = other[index] ?? [null, null];
      return areEqual(name, otherName) && areEqual(value, otherValue);
    })
  );
}

function areEqual(one: Buffer | null, other: Buffer | null): boolean {
  return one === null || other === null ? one === other : one.equals(other);
}
