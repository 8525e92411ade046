import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Batch, Bus, BusRecord } from '../../bus/bus.ts';
import type { Clock } from '../../clock.ts';
import { createConsumer, type Gap } from '../../bus/consume.ts';
import { isGuardianError } from '../../errors.ts';
import type { Stage } from '../../stage.ts';
import type { Database } from '../../store/database.ts';
import { claimPartition, type PartitionClaim } from '../../store/verbs/log/claim-partition.ts';
import { commitOffset } from '../../store/verbs/log/commit-offset.ts';
import { readOrigin } from '../../store/verbs/log/read-origin.ts';
import { noteUnreadable } from '../../store/verbs/log/unreadable.ts';
import { createDetectorState } from './detector-state.ts';
import type { Detector } from '../engine/detector.ts';
import { createDetectMetrics } from './metrics.ts';
import { scoreRecords, type ScoringPosition, type Scored } from './scorer.ts';
import { storeScored } from './store-scored.ts';

export interface DetectWorkerDependencies {
  readonly bus: Bus;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  /** A detector with that state, or a new one for null. Throws DETECT_SNAPSHOT_INVALID. */
  readonly createDetector: (snapshot: Uint8Array | null) => Detector;
  /** Ends what detectors work with in other processes, when the stage stops. */
  readonly closeDetector?: () => Promise<void>;
  /** Called after a commit that put messages into the outbox. */
  readonly wakeRelay?: () => void;
  /** Called when a part of a batch is done and more of it follows. */
  readonly gotOn?: () => void;
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
/** Records that are judged and stored together at first; then as many as take about `PIECE_MS`, so that a large company on a busy
 *  machine still gets on every few seconds. */
const FIRST_PIECE = 32;
const SMALLEST_PIECE = 4;
const PIECE_MS = 2000;
const POISON_AFTER = 3;

/** Creates the stage that scores closed minutes. The detector's state and the results have an offset each: a restart
 *  restores the last snapshot, replays from it without reporting until the stored results are reached, and reports from
 *  then on; because the detector is deterministic, nothing is lost or reported twice. A snapshot of another version or
 *  configuration is discarded: the detector rebuilds its state from the earliest retained window, notifies nobody about the past,
 *  and puts right what is open now. */
export function createDetectWorker(deps: DetectWorkerDependencies, options: DetectWorkerOptions): Stage {
  const { bus, database, log } = deps;
  const state = createDetectorState(deps, { ...options, name: options.name ?? 'main' });
  const metrics = createDetectMetrics(deps.metrics);
  const failures = new Map<number, number>();
  let place: ScoringPosition | null = null;
  let claim: PartitionClaim | null = null;
  let piece = FIRST_PIECE;

  async function begin(partition: number, generation: number): Promise<number | 'earliest'> {
    const taken: PartitionClaim = { group: DETECT_GROUP, topic: TOPICS.windows, partition, generation, owner: options.owner };
    const emitted = (await claimPartition(database, taken)) ?? 0;
    place = await state.open(emitted, await readOrigin(database, taken));
    claim = taken;
    return place.nextOffset > 0 ? place.nextOffset : 'earliest';
  }

  async function handle({ records }: Batch): Promise<void> {
    for (let from = 0; from < records.length;) {
      const startedAt = deps.clock.monotonic();
      const part = records.slice(from, from + piece);
      if (from > 0) deps.gotOn?.();
      await take(part);
      from += part.length;
      const tookMs = Math.max(deps.clock.monotonic() - startedAt, 1);
      piece = Math.min(Math.max(Math.round((piece * PIECE_MS) / tookMs), SMALLEST_PIECE), RECORDS_A_BATCH);
    }
  }

  async function take(records: readonly BusRecord[]): Promise<void> {
    const current = claim;
    if (current === null || place === null) return;
    // Until the batch is stored, the detector is ahead of the store: after a failure it must not be saved.
    claim = null;
    const scored = await score(place, records);
    if (place.nextOffset >= place.emitted) await keep(place, scored, current);
    claim = current;
  }

  async function score(at: ScoringPosition, records: readonly BusRecord[]): Promise<Scored> {
    try {
      const scored = await scoreRecords(at, records, deps.clock, (offset) => (failures.get(offset) ?? 0) >= POISON_AFTER);
      metrics.scored(scored, at.detector);
      return scored;
    } catch (error) {
      // A shard that is gone says nothing about the window.
      if (isGuardianError(error, 'DETECT_SHARD_LOST')) metrics.lostShard();
      else failures.set(at.nextOffset, (failures.get(at.nextOffset) ?? 0) + 1);
      throw error;
    }
  }

  async function keep(at: ScoringPosition, scored: Scored, current: PartitionClaim): Promise<void> {
    const withState = at.detector.stateBytes < SMALL_STATE_BYTES || at.unsaved >= options.snapshotEveryMinutes;
    const events = await storeScored({ ...deps, state }, current, at, scored, { withState });
    failures.clear();
    metrics.stored(scored, deps.clock.now());
    for (const { event, anomaly } of events) if (event === 'opened') metrics.opened(anomaly.type);
    if (events.length + scored.canaries.length > 0) deps.wakeRelay?.();
  }

  async function saveLast(): Promise<void> {
    const [current, last] = [claim, place];
    if (current === null || last === null || last.nextOffset !== last.emitted || last.nextOffset <= last.savedAt) return;
    await database.transaction(async (tx) => {
      await commitOffset(tx, current, last.nextOffset);
      await state.save(tx, last);
    });
    last.savedAt = last.nextOffset;
  }

  async function onGap(gap: Gap): Promise<boolean> {
    const comesAgain = await noteUnreadable(database, TOPICS.windows, gap);
    // The position moves behind the log: a state of before must not take it back.
    if (comesAgain) claim = null;
    return comesAgain;
  }

  const consumer = createConsumer(
    { bus, log },
    { topic: TOPICS.windows, group: DETECT_GROUP, maxRecords: RECORDS_A_BATCH, position: begin, handle, onGap, retryMs: options.retryMs },
  );

  return {
    name: 'detect',
    start: async () => consumer.start(),
    stop: async () => {
      await consumer.stop();
      try {
        await saveLast();
      } finally {
        await deps.closeDetector?.();
      }
    },
    health: () => consumer.health(),
  };
}
