import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import { GuardianError } from '../errors.ts';
import { MAX_HEADERS_BYTES, MAX_RECORD_BYTES, type OutRecord } from './bus.ts';
import { encodeHeaders } from './header-text.ts';

/** Throws BUS_RECORD_TOO_LARGE for a record that no engine takes. `index`: its place in the publish. */
export function checkRecord(topic: Topic, { key, value, headers }: OutRecord, index: number): void {
  if ((key?.length ?? 0) + value.byteLength > MAX_RECORD_BYTES) {
    const message = `Record ${index} for ${topic} has ${value.byteLength} bytes; key and value may have ${MAX_RECORD_BYTES} together.`;
    throw new GuardianError('BUS_RECORD_TOO_LARGE', message, { data: { topic, index, bytes: value.byteLength } });
  }
  if (headers !== undefined && encodeHeaders(headers).byteLength > MAX_HEADERS_BYTES) {
    const message = `Record ${index} for ${topic} has ${encodeHeaders(headers).byteLength} bytes of headers; it may have ${MAX_HEADERS_BYTES}.`;
    throw new GuardianError('BUS_RECORD_TOO_LARGE', message, { data: { topic, index } });
  }
}
