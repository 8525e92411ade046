import type { BusRecord } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { maskCardNumbers } from '../pan/card-number.ts';
import { toFieldErrors } from '../check/finding.ts';
import { JSON_HEADERS } from '../topic/record-headers.ts';
import { contentHash } from './content-hash.ts';
import { encodeTransaction } from './record.ts';
import { createValidator, type ValidatorOptions } from './validate.ts';

const SOURCE = 'kafka';

/** Transactions that other programs write to the log themselves, in the form that `POST /transaction` takes. */
export interface ForeignRecords {
  /** The stamped record as JSON, or the rules that the value breaks: names fields and rules, never a value. The same record gives the same
   *  answer however often it is read. */
  stamp(value: object, source: BusRecord, partition: number): Uint8Array | string;
  /** The record without card numbers: a dead letter keeps it. */
  mask(source: BusRecord): BusRecord;
}

/** Makes the reader of such records, with the rules of ingestion. A record arrives when its producer says, but never in the future. */
export function createForeignRecords(options: ValidatorOptions, clock: Pick<Clock, 'now'>): ForeignRecords {
  const validator = createValidator(options);
  return {
    stamp(value, { offset, publishedAt }, partition) {
      const arrivedAt = Math.min(publishedAt, clock.now());
      const checked = validator.validate(value, arrivedAt);
      if (checked.kind === 'invalid') {
        return toFieldErrors(checked.findings, 'en')
          .map(({ field, message }) => `${field}: ${message}`)
          .join('; ');
      }
      const { content } = checked;
      const stamp = {
        // Of a topic that was made again, the same offset holds a record of another time.
        id: content.id ?? `${SOURCE}-${partition}-${offset}-${publishedAt.toString(36)}`,
        ...{
          clientId: content.id !== undefined,
          contentHash: contentHash(content),
          source: SOURCE,
          backfill: false,
          headers: JSON_HEADERS,
        },
      };
      return encodeTransaction(content, stamp, arrivedAt).value;
    },
    mask(source) {
      const text = Buffer.from(source.value.buffer, source.value.byteOffset, source.value.byteLength).toString();
      const masked = maskCardNumbers(text);
      const key = maskCardNumbers(source.key);
      return masked === text && key === source.key ? source : { ...source, key, value: Buffer.from(masked) };
    },
  };
}
