import type { Logger } from 'pino';
import type { AlertEvent } from '@transaction-guardian/contracts/alert.ts';
import type { CanaryEvent } from '@transaction-guardian/contracts/canary.ts';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Batch, Bus, BusRecord } from '../bus/bus.ts';
import { sendToDeadLetters } from '../bus/dead-letter.ts';
import type { Clock } from '../clock.ts';
import { nextOffsetOf } from '../bus/consume.ts';
import { jsonHeaders, traceOf, type Trace } from '../topic/record-headers.ts';
import type { Database, Sql } from '../store/database.ts';
import type { PartitionClaim } from '../store/verbs/log/claim-partition.ts';
import { commitOffset } from '../store/verbs/log/commit-offset.ts';
import { enqueueOutbox, type OutboxMessage } from '../store/verbs/outbox/enqueue-outbox.ts';
import { eventParser, type ParsedEvent } from './parse-event.ts';
import type { AlertChange, AlertStage } from './pipeline.ts';

export interface StoreBatchDeps {
  readonly bus: Bus;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pipeline: AlertStage;
  readonly canary?: TakeCanary | undefined;
}

/** Puts pages for a test transaction that came through into the queue, inside the transaction of its batch. */
export type TakeCanary = (tx: Sql, canary: CanaryEvent, now: number) => Promise<void>;

/** Turns a batch of anomaly events into alerts; alerts, messages for `guardian.alerts` and the offset of `claim` commit
 *  together. What cannot be read is sent to the dead-letter topic first. Returns what changed. Throws STORE_FENCED, and what bus
 *  and database throw; then nothing has happened but the dead letters. */
export async function storeBatch(deps: StoreBatchDeps, claim: PartitionClaim, batch: Batch): Promise<readonly AlertChange[]> {
  const { events, canaries, traces, failed } = parseAll(batch.records, await eventParser());
  if (failed.length > 0) await deadLetter(deps, claim, failed);
  const { changes } = await deps.database.transaction(async (tx) => {
    const done = await deps.pipeline({ events, now: deps.clock.now(), changes: [] }, tx);
    await enqueueOutbox(
      tx,
      done.changes.map((change) => toMessage(change, traces.get(change.cause))),
    );
    for (const one of canaries) await deps.canary?.(tx, one, Math.round(deps.clock.now()));
    await commitOffset(tx, claim, nextOffsetOf(batch));
    return done;
  });
  return changes;
}

interface FailedRecord {
  readonly record: BusRecord;
  readonly reason: string;
}

function parseAll(
  records: readonly BusRecord[],
  parseEvent: (value: Uint8Array) => ParsedEvent,
): {
  events: AnomalyEvent[];
  canaries: CanaryEvent[];
  traces: ReadonlyMap<AnomalyEvent, Trace | undefined>;
  failed: FailedRecord[];
} {
  const events: AnomalyEvent[] = [];
  const canaries: CanaryEvent[] = [];
  const traces = new Map<AnomalyEvent, Trace | undefined>();
  const failed: FailedRecord[] = [];
  for (const record of records) {
    const parsed = parseEvent(record.value);
    if (parsed.kind === 'event') {
      events.push(parsed.event);
      traces.set(parsed.event, traceOf(record.headers));
    } else if (parsed.kind === 'canary') canaries.push(parsed.event);
    else failed.push({ record, reason: parsed.reason });
  }
  return { events, canaries, traces, failed };
}

async function deadLetter(
  deps: StoreBatchDeps,
  { topic, partition, group }: PartitionClaim,
  records: readonly FailedRecord[],
): Promise<void> {
  await sendToDeadLetters(deps.bus, { topic, partition, group, failedAt: deps.clock.now(), records });
  deps.log.error({ count: records.length, reason: records[0]?.reason }, 'anomalies sent to the dead-letter topic');
}

function toMessage({ event, after, state }: AlertChange, trace: Trace | undefined): OutboxMessage {
  const message: AlertEvent = {
    v: 1,
    event,
    alert: after.alert,
    translations: after.translations,
    ...(state === undefined ? {} : { state }),
  };
  return { topic: TOPICS.alerts, key: after.alert.fingerprint, value: JSON.stringify(message), headers: jsonHeaders(trace) };
}
