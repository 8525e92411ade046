import { STATUSES } from '@transaction-guardian/contracts/status.ts';
import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { BusRecord } from '../bus/bus.ts';
import { messageOf } from '../errors.ts';
import { traceOf, type Trace } from '../topic/record-headers.ts';
import { createTransactionReader } from './read-transaction.ts';

/** A record that cannot be counted, and why: names field and rule, never a value. */
export interface Undecodable {
  readonly record: BusRecord;
  readonly reason: string;
}

/** Reads records that other programs wrote without our stamps. */
export interface ForeignReader {
  /** The stamped record as JSON, or why there is none. */
  stamp(value: object, source: BusRecord, partition: number): Uint8Array | string;
  /** What a dead letter may keep of a record. */
  mask(source: BusRecord): BusRecord;
}

/** What a batch holds. `records[i]` came as `sources[i]`; `json` makes their array as JSON text, as it came. */
export interface Decoded {
  readonly records: readonly InboundRecord[];
  readonly sources: readonly BusRecord[];
  readonly json: () => string;
  readonly transactions: number;
  readonly bad: readonly Undecodable[];
  /** The trace of a record that has one. */
  readonly traces: ReadonlyMap<InboundRecord, Trace>;
}

const COMMA = Buffer.from(',');
const MAX_TIME_MS = 8.64e15;
const MAX_COUNT = 1e9;
const MAX_AMOUNT = 1e15;
const KNOWN_STATUSES: ReadonlySet<unknown> = new Set([...STATUSES, '']);
const OPTIONAL_TEXTS = ['currency', 'merchant_id', 'auth_code', 'card_bin', 'acquirer', 'payment_method', 'customer_id'] as const;

/** Reads the records of batches of a partition, in order. Records that break the contract of the topic are set apart with the reason;
 *  one without our stamps is a transaction of another program, which `foreign` checks and stamps. */
export function createDecoder(foreign?: ForeignReader): (sources: readonly BusRecord[], partition: number) => Decoded {
  const readTransaction = createTransactionReader();
  return (sources, partition) => {
    const records: InboundRecord[] = [];
    const kept: BusRecord[] = [];
    const bad: Undecodable[] = [];
    for (const source of sources) {
      const own = readTransaction(source.value);
      if (own !== undefined) {
        records.push(own);
        kept.push(source);
        continue;
      }
      const result = decodeOne(source, foreign, partition);
      if (typeof result === 'string') bad.push({ record: foreign?.mask(source) ?? source, reason: result });
      else {
        records.push(result.record);
        kept.push(result.source);
      }
    }
    const json = (): string => joined(kept);
    return { records, sources: kept, json, transactions: countTransactions(records), bad, traces: tracesOf(records, kept) };
  };
}

/** A record with the text that it was read from. */
interface Read {
  readonly record: InboundRecord;
  readonly source: BusRecord;
}

function decodeOne(source: BusRecord, foreign: ForeignReader | undefined, partition: number): Read | string {
  let value: unknown;
  try {
    value = parse(source);
  } catch (error) {
    return `(body): not JSON: ${messageOf(error).replace(/[,:]? *"[\s\S]*$/, '')}`;
  }
  if (foreign !== undefined && isObject(value) && !('v' in value)) {
    const stamped = foreign.stamp(value, source, partition);
    return typeof stamped === 'string' ? stamped : asRead({ ...source, value: stamped });
  }
  return faultOf(value) ?? { record: value as InboundRecord, source };
}

function asRead(source: BusRecord): Read {
  return { record: parse(source) as InboundRecord, source };
}

function parse({ value }: BusRecord): unknown {
  return JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString());
}

function tracesOf(records: readonly InboundRecord[], sources: readonly BusRecord[]): ReadonlyMap<InboundRecord, Trace> {
  const traces = new Map<InboundRecord, Trace>();
  for (const [index, { headers }] of sources.entries()) {
    const record = records[index];
    const trace = 'traceparent' in headers ? traceOf(headers) : undefined;
    if (record !== undefined && trace !== undefined) traces.set(record, trace);
  }
  return traces;
}

function joined(sources: readonly BusRecord[]): string {
  const parts: Uint8Array[] = [];
  for (const [index, source] of sources.entries()) {
    if (index > 0) parts.push(COMMA);
    parts.push(source.value);
  }
  return `[${Buffer.concat(parts).toString()}]`;
}

function countTransactions(records: readonly InboundRecord[]): number {
  let count = 0;
  for (const record of records) if (record.kind === 'transaction') count += 1;
  return count;
}

/** The first broken rule of a value, undefined when it is an InboundRecord. */
function faultOf(value: unknown): string | undefined {
  if (!isObject(value)) return '(body): must be an object';
  if (value['v'] !== 1) return 'v: must be 1';
  if (!isTime(value['occurred_at'])) return 'occurred_at: must be epoch milliseconds';
  if (!isTime(value['ingested_at'])) return 'ingested_at: must be epoch milliseconds';
  if (typeof value['source'] !== 'string') return 'source: must be text';
  if (typeof value['backfill'] !== 'boolean') return 'backfill: must be true or false';
  if (value['kind'] === 'heartbeat') return undefined;
  if (value['kind'] !== 'transaction') return 'kind: must be transaction or heartbeat';
  return transactionFault(value);
}

function transactionFault(value: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof value['id'] !== 'string' || value['id'] === '') return 'id: must be text, not empty';
  if (typeof value['content_hash'] !== 'string') return 'content_hash: must be text';
  if (!KNOWN_STATUSES.has(value['status'])) return 'status: must be a known status';
  if (!isNumber(value['count'], MAX_COUNT) || !Number.isInteger(value['count'])) return `count: must be an integer from 0 to ${MAX_COUNT}`;
  if (value['amount'] !== undefined && !isNumber(value['amount'], MAX_AMOUNT)) return `amount: must be a number from 0 to ${MAX_AMOUNT}`;
  for (const field of OPTIONAL_TEXTS) {
    if (value[field] !== undefined && typeof value[field] !== 'string') return `${field}: must be text`;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MAX_TIME_MS;
}

function isNumber(value: unknown, maximum: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= maximum;
}
