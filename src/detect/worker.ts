import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Batch, Bus } from '../bus/bus.ts';
import { sendToDeadLetters } from '../bus/dead-letter.ts';
import type { Clock } from '../clock.ts';
import { createConsumer } from '../consume.ts';
import { isGuardianError } from '../errors.ts';
import type { Stage } from '../stage.ts';
import type { Database, Sql } from '../store/database.ts';
import { claimPartition, type PartitionClaim } from '../store/verbs/claim-partition.ts';
import { commitOffset } from '../store/verbs/commit-offset.ts';
import { readSnapshot, saveSnapshot, type DetectorSnapshot } from '../store/verbs/detector-snapshot.ts';
import { enqueueOutbox } from '../store/verbs/enqueue-outbox.ts';
import { listAnomalies } from '../store/verbs/list-anomalies.ts';
import { writeAnomalies } from '../store/verbs/write-anomalies.ts';
import { writeScores } from '../store/verbs/write-scores.ts';
import type { Detector } from './detector.ts';
import { createDetectMetrics } from './metrics.ts';
import { reconcile } from './reconcile.ts';
import { scoreRecords, type Arrival, type Place } from './scorer.ts';

export interface DetectWorkerDependencies {
  readonly bus: Bus;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  /** A detector with that state, or a new one for null. Throws DETECT_SNAPSHOT_INVALID. */
  readonly createDetector: (snapshot: Uint8Array | null) => Detector;
  /** Called after a commit that put messages into the outbox. */
  readonly wakeRelay?: () => void;
}

export interface DetectWorkerOptions {
  /** Id of the running worker. */
  readonly owner: string;
  readonly detectorVersion: string;
  readonly configHash: string;
  /** Between snapshots of a large state, in closed minutes. */
  readonly snapshotEveryMinutes: number;
  /** Name of the stored state (default 'main'). */
  readonly name?: string;
  /** Wait after a failure (default 200 ms). */
  readonly retryMs?: number;
}

/** The consumer group of this stage. */
export const DETECT_GROUP = 'guardian-detect';

/** A state below this is stored with every batch. */
const SMALL_STATE_BYTES = 262_144;
const RECORDS_A_BATCH = 256;
const POISON_AFTER = 3;

/** Creates the stage that scores closed minutes. The detector's state and the results have a position each: a restart
 *  restores the last snapshot, reads on from there without telling anything until the stored results are reached, and
 *  goes on; because the detector is deterministic, nothing is lost or told twice. A snapshot of another version or
 *  configuration is not used: the detector learns anew from the earliest window that is kept, pages nobody for the past,
 *  and puts right what is open now. */
export function createDetectWorker(deps: DetectWorkerDependencies, options: DetectWorkerOptions): Stage & { detector(): Detector } {
  const { bus, database, clock, log } = deps;
  const name = options.name ?? 'main';
  const metrics = createDetectMetrics(deps.metrics);
  const failures = new Map<number, number>();
  let place: Place = { detector: deps.createDetector(null), nextOffset: 0, emitted: 0, relearnt: null };
  let claim: PartitionClaim | null = null;
  let snapshotAt = 0;
  let sinceSnapshot = 0;

  async function begin(partition: number, generation: number): Promise<number | 'earliest'> {
    const taken: PartitionClaim = { group: DETECT_GROUP, topic: TOPICS.windows, partition, generation, owner: options.owner };
    const emitted = (await claimPartition(database, taken)) ?? 0;
    const snapshot = await readSnapshot(database, name);
    const detector = snapshot === null ? null : restore(snapshot);
    claim = taken;
    sinceSnapshot = 0;
    snapshotAt = snapshot !== null && detector !== null ? snapshot.nextOffset : 0;
    if (detector !== null) {
      place = { detector, nextOffset: snapshotAt, emitted, relearnt: null };
      log.info({ minute: detector.lastMinute, from: snapshotAt, emitted }, 'detector restored');
      return snapshotAt;
    }
    if (emitted > 0)
      log.warn(
        { emitted },
        'no state to go on from: the detector learns again from the earliest minute that is kept, and pages nobody for the past',
      );
    place = { detector: deps.createDetector(null), nextOffset: 0, emitted, relearnt: emitted > 0 ? new Map() : null };
    return 'earliest';
  }

  function restore(snapshot: DetectorSnapshot): Detector | null {
    const isOurs = snapshot.detectorVersion === options.detectorVersion && snapshot.configHash === options.configHash;
    if (!isOurs) {
      const stored = { version: snapshot.detectorVersion, config: snapshot.configHash };
      log.warn(
        { stored, running: { version: options.detectorVersion, config: options.configHash } },
        'the stored state is of another detector',
      );
      return null;
    }
    try {
      return deps.createDetector(snapshot.body);
    } catch (error) {
      if (!isGuardianError(error, 'DETECT_SNAPSHOT_INVALID')) throw error;
      log.error({ err: error }, 'the stored state of the detector cannot be used');
      return null;
    }
  }

  async function handle(batch: Batch): Promise<void> {
    const current = claim;
    if (current === null) return;
    // Until the batch is stored, the detector is ahead of the store: after a failure it must not be saved.
    claim = null;
    await score(batch, current);
    claim = current;
  }

  async function score(batch: Batch, current: PartitionClaim): Promise<void> {
    const scored = await scoreRecords(place, batch.records, clock, (offset) => (failures.get(offset) ?? 0) >= POISON_AFTER).catch(
      (error: unknown) => {
        failures.set(place.nextOffset, (failures.get(place.nextOffset) ?? 0) + 1);
        throw error;
      },
    );
    sinceSnapshot += scored.windows;
    metrics.scored(scored.windows, place.detector);
    if (place.nextOffset < place.emitted) return;
    const events = [...(await relearntEvents(scored.arrival)), ...scored.events];
    if (scored.failed.length > 0) {
      const where = { topic: TOPICS.windows, partition: batch.partition, group: DETECT_GROUP, failedAt: clock.now() };
      await sendToDeadLetters(bus, { ...where, records: scored.failed });
      log.error({ count: scored.failed.length, reason: scored.failed[0]?.reason }, 'windows went to the dead letters');
    }
    const withSnapshot = place.detector.stateBytes < SMALL_STATE_BYTES || sinceSnapshot >= options.snapshotEveryMinutes;
    await database.transaction(async (tx) => {
      await writeAnomalies(tx, events);
      await writeScores(tx, scored.scores);
      await commitOffset(tx, current, place.nextOffset);
      await enqueueOutbox(
        tx,
        events.map((event) => ({ topic: TOPICS.anomalies, key: event.anomaly.id, value: JSON.stringify(event) })),
      );
      if (withSnapshot) await saveState(tx);
    });
    committed(events, withSnapshot);
  }

  function committed(events: readonly AnomalyEvent[], withSnapshot: boolean): void {
    place.emitted = place.nextOffset;
    if (!Number.isNaN(place.detector.lastMinute)) place.relearnt = null;
    failures.clear();
    if (withSnapshot) {
      snapshotAt = place.nextOffset;
      sinceSnapshot = 0;
    }
    for (const { event, anomaly } of events) if (event === 'opened') metrics.opened(anomaly.type);
    if (events.length > 0) deps.wakeRelay?.();
  }

  /** Puts right what is open, once a detector that learnt anew has reached the present. */
  async function relearntEvents(arrival: Arrival | null): Promise<AnomalyEvent[]> {
    if (place.relearnt === null || arrival === null) return [];
    const events = reconcile(await openAnomalies(database), place.relearnt, arrival);
    log.info({ events: events.length }, 'detector has learnt the past again');
    return events;
  }

  async function saveState(tx: Sql): Promise<void> {
    const { detector } = place;
    await saveSnapshot(tx, name, {
      nextOffset: place.nextOffset,
      sequence: detector.lastSequence,
      minute: Number.isNaN(detector.lastMinute) ? null : detector.lastMinute,
      detectorVersion: options.detectorVersion,
      configHash: options.configHash,
      takenAt: clock.now(),
      body: detector.snapshot(),
    });
  }

  async function saveLast(): Promise<void> {
    const current = claim;
    // A detector that failed in a batch, or that has not caught up, is ahead of or behind the stored results.
    if (current === null || place.nextOffset !== place.emitted || place.nextOffset <= snapshotAt) return;
    await database.transaction(async (tx) => {
      await commitOffset(tx, current, place.nextOffset);
      await saveState(tx);
    });
    snapshotAt = place.nextOffset;
  }

  const consumer = createConsumer(
    { bus, log },
    {
      topic: TOPICS.windows,
      group: DETECT_GROUP,
      maxRecords: RECORDS_A_BATCH,
      position: begin,
      handle,
      ...(options.retryMs === undefined ? {} : { retryMs: options.retryMs }),
    },
  );

  return {
    name: 'detect',
    start: async () => consumer.start(),
    stop: async () => {
      await consumer.stop();
      await saveLast();
    },
    health: () => consumer.health(),
    detector: () => place.detector,
  };
}

async function openAnomalies(database: Database): Promise<Anomaly[]> {
  const open: Anomaly[] = [];
  let cursor: string | undefined;
  do {
    const page = await listAnomalies(database, { state: 'open' }, { limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
    open.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return open;
}
