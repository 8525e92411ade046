/** What is said of a record of the bus beside its value, by lower-case name. */
export type RecordHeaders = Readonly<Record<string, string>>;

/** The trace that a record belongs to, as W3C Trace Context carries it (https://www.w3.org/TR/trace-context/). */
export interface Trace {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** A record without headers. */
export const NO_HEADERS: RecordHeaders = Object.freeze({});
/** JSON of the first version of its schema, of no trace: what nearly every record has. */
export const JSON_HEADERS: RecordHeaders = Object.freeze({ 'content-type': 'application/json', 'schema-version': '1' });

// Version 00 has exactly these fields; a later one may have more behind them (3.2.3). Ids of zeros and version ff are invalid.
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;
const MAX_TRACEPARENT = 256;
const MAX_TRACESTATE = 512;

/** Reads the trace context of a request or record. A `traceparent` that breaks the grammar starts no trace, and without it
 *  `tracestate` means nothing (3.3.1.3, 3.3.3); one above 512 characters is dropped, as the recommendation allows. */
export function traceOf(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Trace | undefined {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string' || traceparent.length > MAX_TRACEPARENT) return undefined;
  const match = TRACEPARENT.exec(traceparent);
  if (match === null || (traceparent.startsWith('00') && match[2] !== undefined)) return undefined;
  // HTTP joins several `tracestate` headers in their order (3.3.1).
  const state = typeof tracestate === 'string' ? tracestate : tracestate?.join(',');
  return state === undefined || state === '' || state.length > MAX_TRACESTATE ? { traceparent } : { traceparent, tracestate: state };
}

/** Headers of a JSON record that belongs to `trace`. Make them once for all records of one cause: the bus stores headers
 *  that are the same object once. */
export function jsonHeaders(trace: Trace | null | undefined): RecordHeaders {
  return trace === null || trace === undefined ? JSON_HEADERS : { ...JSON_HEADERS, ...trace };
}

/** The one trace that caused something: undefined before the first cause, null once there are several or one without a trace. */
export function joinTraces(before: Trace | null | undefined, next: Trace | undefined): Trace | null {
  if (before === undefined) return next ?? null;
  return before !== null && next !== undefined && traceId(before) === traceId(next) ? before : null;
}

function traceId({ traceparent }: Trace): string {
  return traceparent.slice(3, 35);
}
