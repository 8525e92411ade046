import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import { MINUTE_MS, minuteOf } from '../clock.ts';
import { joinTraces, type Trace } from '../topic/record-headers.ts';
import { addHeartbeat, addTransaction, createCellFinder, createTally, type CellFinder, type MinuteTally } from './tally.ts';

/** Records of a live stream that arrived for one minute of event time (epoch milliseconds). */
export interface Arrival {
  readonly minute: number;
  /** When the last of them arrived. */
  arrivedAt: number;
  /** When some of them arrived and for how many transactions they stand, to learn how late records come. */
  readonly notes: [arrivedAt: number, count: number][];
}

/** Records of one partition in a row, counted together: the watermark of the partition stays in one minute until the last of
 *  them. Whoever takes a segment comes to the same result as with its records one by one. */
export interface Segment {
  /** Newest event time of the partition up to its end, epoch milliseconds. */
  mark: number;
  /** What its records that are not history say; null when all are. `eventAt`: newest event time, not after its arrival. */
  live: { eventAt: number; occurredAt: number; arrivedAt: number } | null;
  readonly arrivals: Arrival[];
  /** What came for each minute, in order of the first record. */
  readonly minutes: MinuteTally[];
  /** When the program's own test transactions before its end were accepted, epoch milliseconds. They are counted nowhere. */
  readonly canaries?: readonly number[];
}

export interface SegmentRules {
  /** How long after its end a minute waits for late records, at most; milliseconds. */
  readonly lateMs: number;
  /** Event time this close to its arrival is live; milliseconds. */
  readonly liveWithinMs: number;
  /** Arrivals close minutes. */
  readonly closesEarly: boolean;
}

/** Arrival time that live records of one segment span: what waits for arrivals can be off by no more. Where arrivals close
 *  nothing, only a time in which nobody listened is looked for in them. */
const SPAN_MS = 1000;
const LONG_SPAN_MS = MINUTE_MS;

/** Cuts records of one partition into segments. `before`: newest event time of the partition so far, null at its start. The
 *  cuts depend on the records and their order, and an additional cut changes nothing. */
export function cutSegments(
  records: readonly InboundRecord[],
  traces: ReadonlyMap<InboundRecord, Trace>,
  before: number | null,
  rules: SegmentRules,
): Segment[] {
  const segments: Segment[] = [];
  const spanMs = rules.closesEarly ? SPAN_MS : LONG_SPAN_MS;
  let newest = before ?? Number.NEGATIVE_INFINITY;
  let segment: Segment | null = null;
  let since = Number.POSITIVE_INFINITY;
  const passed = new Set<number>();
  const find = createCellFinder();
  for (const record of records) {
    const isLive = isLiveRecord(record, rules);
    if (segment === null || (isLive && record.ingested_at > since + spanMs)) {
      segments.push((segment = { mark: newest, live: null, arrivals: [], minutes: [] }));
      since = Number.POSITIVE_INFINITY;
    }
    if (isLive) since = Math.min(since, record.ingested_at);
    count(segment, record, traces.get(record), find);
    if (!record.backfill) noteLive(segment, record);
    if (isLive) noteArrival(segment, record);
    const eventAt = eventTimeOf(record);
    if (eventAt <= newest) {
      // A minute that the watermark has passed and that nothing has closed takes one record and ends with it.
      const minute = minuteOf(record.occurred_at);
      if (minute + MINUTE_MS > newest - rules.lateMs || passed.has(minute)) continue;
      passed.add(minute);
      segment = null;
      continue;
    }
    const isCrossing = minuteOf(eventAt - rules.lateMs) !== minuteOf(newest - rules.lateMs);
    newest = eventAt;
    segment.mark = eventAt;
    if (isCrossing) segment = null;
  }
  return segments;
}

/** A record that comes about when it happened. */
function isLiveRecord({ backfill, occurred_at, ingested_at }: InboundRecord, rules: SegmentRules): boolean {
  return !backfill && Math.abs(ingested_at - occurred_at) <= rules.liveWithinMs;
}

/** A client whose clock is fast must not close minutes that are still going on. */
function eventTimeOf(record: InboundRecord): number {
  return Math.min(record.occurred_at, record.ingested_at);
}

function count({ minutes }: Segment, record: InboundRecord, trace: Trace | undefined, find: CellFinder): void {
  // The end of a file is no sign of life: it moves the watermark and belongs to no minute.
  if (record.kind === 'heartbeat' && record.backfill && record.incomplete !== true) return;
  const minute = minuteOf(record.occurred_at);
  let tally = minutes.at(-1);
  if (tally?.minute !== minute) tally = minutes.find((one) => one.minute === minute);
  if (tally === undefined) minutes.push((tally = createTally(minute)));
  tally.records += 1;
  tally.trace = joinTraces(tally.trace, trace);
  if (record.kind === 'transaction') addTransaction(tally, record, find);
  else addHeartbeat(tally, record);
}

function noteLive(segment: Segment, record: InboundRecord): void {
  const { occurred_at: occurredAt, ingested_at: arrivedAt } = record;
  const eventAt = eventTimeOf(record);
  const { live } = segment;
  if (live === null) {
    segment.live = { eventAt, occurredAt, arrivedAt };
    return;
  }
  live.eventAt = Math.max(live.eventAt, eventAt);
  live.occurredAt = Math.max(live.occurredAt, occurredAt);
  live.arrivedAt = Math.max(live.arrivedAt, arrivedAt);
}

function noteArrival({ arrivals }: Segment, record: InboundRecord): void {
  const minute = minuteOf(record.occurred_at);
  let arrival = arrivals.find((one) => one.minute === minute);
  if (arrival === undefined) arrivals.push((arrival = { minute, arrivedAt: record.ingested_at, notes: [] }));
  arrival.arrivedAt = Math.max(arrival.arrivedAt, record.ingested_at);
  if (record.kind !== 'transaction') return;
  const last = arrival.notes.at(-1);
  // Lateness is learnt in classes of a second and more.
  if (last !== undefined && last[0] === ceilSecond(record)) last[1] += record.count;
  else arrival.notes.push([ceilSecond(record), record.count]);
}

/** Time of arrival, up to a whole second after the end of the minute of the record, as the classes of lateness end. */
function ceilSecond({ occurred_at, ingested_at }: InboundRecord): number {
  const end = minuteOf(occurred_at) + MINUTE_MS;
  return end + Math.max(0, Math.ceil((ingested_at - end) / 1000)) * 1000;
}
