import { CANARY_MERCHANT } from '@transaction-guardian/contracts/canary.ts';
import type { IngestContext } from './ingest-context.ts';
import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import type { Intake } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { JSON_HEADERS } from '../topic/record-headers.ts';
import { createAdmit, type AdmittedItem } from './admit.ts';
import type { BrokenRule } from '../check/finding.ts';
import { createGather } from './gather.ts';
import { guardKnownIds, type KnownIds } from './known-ids.ts';
import type { Order } from './order.ts';
import { refused, type IngestOutcome } from './outcome.ts';
import type { PlaceTime } from '../check/place-time.ts';
import { createTransactionPublisher, type TransactionPublisher } from './publish.ts';
import { encodeHeartbeat } from './record.ts';
import { RECENT_IDS } from './recent-ids.ts';
import { createMarks, isRefusedRow } from './refused-row.ts';
import { createValidator, type Validator, type ValidatorOptions } from './validate.ts';

export interface IngestDeps {
  readonly bus: Intake;
  readonly knownIds: KnownIds;
  /** Called with the ids of clients that are on the log now, and the content hash of each. */
  readonly onAccepted?: ((ids: ReadonlyMap<string, string>) => void) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  /** A new id that sorts by time. */
  readonly newId: () => string;
  /** Event time of what carries none, epoch milliseconds; default: its arrival. */
  readonly eventNow?: (() => number) | undefined;
}

export interface IngestOptions extends ValidatorOptions {
  readonly maxPendingRecords: number;
  /** Ids kept in memory to tell repeats (default 200 000). */
  readonly recentIds?: number;
  /** Longest wait for the store's answer about known ids: of single posts (default 100), of uploads (default 5 000). */
  readonly lookupTimeoutMs?: number;
  readonly uploadLookupTimeoutMs?: number;
  /** How long the store is left alone after five failures (default 10 000). */
  readonly lookupPauseMs?: number;
  /** Longest wait for the disk (default 15 000). */
  readonly publishTimeoutMs?: number;
}

/** Ingestion: validates, deduplicates, stamps and publishes. */
export interface Ingest {
  /** Takes one item. Items that arrive together share one write. `accepted` means that it survives a power cut. Throws
   *  INGEST_OVERLOADED, BUS_FULL, BUS_UNAVAILABLE (retryable): then nothing is promised, and a retry with an id is harmless. */
  acceptOne(item: unknown, context: IngestContext): Promise<IngestOutcome>;
  /** Takes many in one write; outcomes in the order of the items. Calls with the same `order` may overlap and still reach the
   *  log one after the other. A row of a file (`backfill`) that is refused, and has a count, leaves its minute incomplete. Throws like `acceptOne`, for all of them. */
  acceptMany(items: readonly unknown[], context: IngestContext, order?: Order): Promise<readonly IngestOutcome[]>;
  /** Notes that a source is alive at `at` (ISO 8601, default now). Throws like `acceptOne`. */
  heartbeat(at: unknown, context: IngestContext): Promise<IngestOutcome>;
  /** Sends the program's own test transaction the way of all others; no metric counts it. Throws like `acceptOne`. */
  canary(): Promise<void>;
  readonly validator: Validator;
  /** Distinguishes the passes of repeated local times in one upload. */
  placeTimes(): PlaceTime;
  /** Records that wait for the disk. */
  readonly pending: number;
}

const MAX_GROUP = 2000;
const MAX_GROUPS_IN_FLIGHT = 2;
const NO_ID = '';

/** Creates the ingestion. */
export function createIngest(deps: IngestDeps, options: IngestOptions): Ingest {
  const validator = createValidator(options);
  const publisher = createTransactionPublisher(deps.bus, {
    maxPendingRecords: options.maxPendingRecords,
    publishTimeoutMs: options.publishTimeoutMs ?? 15_000,
  });
  const admit = createAdmission(deps, options, publisher);
  const counted = countOutcomes(deps.metrics);
  const admitSingles = async (candidates: readonly AdmittedItem[], onDecided: () => void): Promise<readonly IngestOutcome[]> => {
    const outcomes = await admit(candidates, { onDecided });
    counted(outcomes);
    return outcomes;
  };
  const gather = createGather(admitSingles, { maxItems: MAX_GROUP, maxInFlight: MAX_GROUPS_IN_FLIGHT });

  const prepare = (item: unknown, context: IngestContext, now = deps.clock.now()) => prepareItem(validator, deps, now, item, context);

  return {
    validator,
    placeTimes: () => validator.placeTimes(deps.clock.now),
    async acceptOne(item, context) {
      const prepared = prepare(item, context);
      if (prepared.kind === 'candidate') return gather(prepared);
      counted([prepared]);
      return prepared;
    },
    async acceptMany(items, context, order) {
      const now = deps.clock.now();
      const prepared = items.map((item) => prepare(item, context, now));
      const markOf = context.backfill === true ? createMarks(validator, context, now) : () => undefined;
      // A mark goes to the log at the place of its row: minutes close by what comes after them.
      const sent = prepared.map((entry, index) => (entry.kind === 'candidate' ? entry : markOf(items[index])));
      const decided = await admit(
        sent.filter((entry) => entry !== undefined),
        { order },
      );
      let next = 0;
      const outcomes = prepared.map((entry, index) => {
        const decision = sent[index] === undefined ? undefined : decided[next++];
        return entry.kind === 'candidate' ? (decision ?? missing()) : entry;
      });
      counted(outcomes);
      return outcomes;
    },
    async heartbeat(at, context) {
      const now = deps.clock.now();
      const findings: BrokenRule[] = [];
      const occurredAt = at === undefined ? (deps.eventNow?.() ?? now) : validator.checkTime(at, 'at', now, findings);
      if (occurredAt === undefined) return refused(findings, context.locale);
      await publisher.publish([
        encodeHeartbeat(
          {
            v: 1,
            kind: 'heartbeat',
            occurred_at: occurredAt,
            ingested_at: now,
            source: context.source,
            backfill: context.backfill ?? false,
            ...(context.incomplete === true ? { incomplete: true } : {}),
          },
          context.headers ?? JSON_HEADERS,
        ),
      ]);
      return { kind: 'accepted', id: NO_ID };
    },
    async canary() {
      const prepared = prepare({ status: 'approved', merchant_id: CANARY_MERCHANT }, CANARY);
      if (prepared.kind === 'candidate') await admit([prepared]);
    },
    get pending() {
      return publisher.pending;
    },
  };
}

const CANARY: IngestContext = { source: 'canary', locale: 'en', canary: true };

function createAdmission(deps: IngestDeps, options: IngestOptions, publisher: TransactionPublisher): ReturnType<typeof createAdmit> {
  const pauseMs = options.lookupPauseMs ?? 10_000;
  const knownIds = guardKnownIds(deps.knownIds, deps.log, { timeoutMs: options.lookupTimeoutMs ?? 100, pauseMs });
  const knownIdsOfUploads = guardKnownIds(deps.knownIds, deps.log, { timeoutMs: options.uploadLookupTimeoutMs ?? 5000, pauseMs });
  const { clock, onAccepted } = deps;
  return createAdmit({ publisher, knownIds, knownIdsOfUploads, clock, onAccepted }, { recentIds: options.recentIds ?? RECENT_IDS });
}

/** A candidate with its id and its event time, or the refusal of what is not a record. */
function prepareItem(
  validator: Validator,
  deps: IngestDeps,
  now: number,
  item: unknown,
  context: IngestContext,
): AdmittedItem | IngestOutcome {
  if (isRefusedRow(item)) return refused([], context.locale);
  const checked = validator.validate(item, now, { breakdown: context.breakdown ?? false, canary: context.canary ?? false });
  if (checked.kind === 'invalid') return refused(checked.findings, context.locale, checked.id);
  let id = checked.content.id;
  if (id === undefined && context.idempotencyKey !== undefined) {
    const key = validator.checkId(context.idempotencyKey, 'Idempotency-Key');
    if (key.id === undefined) return refused(key.findings, context.locale);
    id = key.id;
  }
  const { content } = checked;
  return {
    kind: 'candidate',
    content: content.occurred_at === null && deps.eventNow !== undefined ? { ...content, occurred_at: deps.eventNow() } : content,
    id: id ?? deps.newId(),
    clientId: id !== undefined,
    said: checked.content,
    contentHash: '',
    source: context.source,
    backfill: context.backfill ?? false,
    headers: context.headers ?? JSON_HEADERS,
    locale: context.locale,
  };
}

function missing(): never {
  throw new RangeError('fewer answers than candidates');
}

function countOutcomes(metrics: Registry): (outcomes: readonly IngestOutcome[]) => void {
  const counter = new Counter({
    name: 'guardian_ingest_records_total',
    help: 'Records received, by outcome: accepted, duplicate or refused.',
    labelNames: ['outcome'],
    registers: [metrics],
  });
  const byKind = { accepted: counter.labels('accepted'), duplicate: counter.labels('duplicate'), refused: counter.labels('refused') };
  for (const child of Object.values(byKind)) child.inc(0);
  return (outcomes) => {
    const totals = { accepted: 0, duplicate: 0, refused: 0 };
    for (const { kind } of outcomes) totals[kind] += 1;
    for (const kind of ['accepted', 'duplicate', 'refused'] as const) if (totals[kind] > 0) byKind[kind].inc(totals[kind]);
  };
}
