import { minuteOf } from '../clock.ts';
import { JSON_HEADERS } from '../topic/record-headers.ts';
import type { AdmittedItem } from './admit.ts';
import type { IngestContext } from './ingest-context.ts';
import { emptyDraft, type Validator } from './validate.ts';

const REFUSED = Symbol('refused row');

/** An item that stands for a row of a file that was refused before it became one. `timestamp`: its event time. */
export function refusedRow(timestamp: string): object {
  return { [REFUSED]: timestamp };
}

/** True for an item of `refusedRow`. */
export function isRefusedRow(item: unknown): boolean {
  return typeof item === 'object' && item !== null && REFUSED in item;
}

/** Makes what goes to the log for refused rows of files that have a count: their minutes are not complete. One for each minute
 *  in a row. Undefined for other items, and where there is no event time that would be taken. */
export function createMarks(validator: Validator, context: IngestContext, nowMs: number): (item: unknown) => AdmittedItem | undefined {
  let last = Number.NaN;
  return (item) => {
    const at = validator.checkTime(timeOf(item), 'timestamp', nowMs, []);
    if (at === undefined || minuteOf(at) === last) return undefined;
    last = minuteOf(at);
    return {
      kind: 'candidate',
      content: NO_CONTENT,
      id: '',
      clientId: false,
      said: null,
      contentHash: '',
      source: context.source,
      backfill: true,
      locale: context.locale,
      headers: context.headers ?? JSON_HEADERS,
      incompleteAt: at,
    };
  };
}

function timeOf(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return undefined;
  const {
    [REFUSED]: refused,
    timestamp,
    count,
  } = item as { readonly [REFUSED]?: string; readonly timestamp?: unknown; readonly count?: unknown };
  return refused ?? (count === undefined ? undefined : timestamp);
}

const NO_CONTENT: AdmittedItem['content'] = { ...emptyDraft(), count: 0 };
