import type { RecordHeaders } from '../topic/record-headers.ts';

const encoder = new TextEncoder();
const encoded = new WeakMap<RecordHeaders, Uint8Array>();

/** Headers as they are stored: JSON of an object of texts. The bytes are kept as long as the object. */
export function encodeHeaders(headers: RecordHeaders): Uint8Array {
  let bytes = encoded.get(headers);
  if (bytes === undefined) encoded.set(headers, (bytes = encoder.encode(JSON.stringify(headers))));
  return bytes;
}

let lastText = '';
let last: RecordHeaders = {};

/** Reads stored headers. The same text in a row gives the same object. Throws RangeError. */
export function decodeHeaders(text: string): RecordHeaders {
  if (text === lastText) return last;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RangeError('headers cannot be read', { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RangeError('headers must be an object');
  last = Object.freeze(value as Record<string, string>);
  lastText = text;
  return last;
}
