import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { isGuardianError } from '../../errors.ts';
import type { Database, Sql } from '../../store/database.ts';
import { readFeedbackNotices } from '../../store/verbs/feedback/list-feedback.ts';
import { readSnapshot, saveSnapshot, type DetectorSnapshot } from '../../store/verbs/detector/detector-snapshot.ts';
import type { Detector } from '../engine/detector.ts';
import type { ScoringPosition } from './scorer.ts';

export interface DetectorStateDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  /** A detector with that state, or a new one for null. Throws DETECT_SNAPSHOT_INVALID. */
  readonly createDetector: (snapshot: Uint8Array | null) => Detector;
}

export interface DetectorStateOptions {
  readonly detectorVersion: string;
  readonly configHash: string;
  /** Name of the stored state. */
  readonly name: string;
}

/** The stored state of a detector. */
export interface DetectorStateStore {
  /** The place to go on from: that of the stored state, or the earliest window with a new detector, when there is no
   *  state or it is of another version or configuration. `emitted`: first offset whose results are not stored. `origin`:
   *  earliest window of this database; those of an earlier one come again from there on. */
  open(emitted: number, origin: number): Promise<ScoringPosition>;
  /** Stores the state of the place. Call it in the transaction that commits its offset. */
  save(tx: Sql, place: ScoringPosition): Promise<void>;
}

/** Keeps the state of the detector in the store. */
export function createDetectorState(deps: DetectorStateDependencies, options: DetectorStateOptions): DetectorStateStore {
  const { log } = deps;

  function restore(snapshot: DetectorSnapshot): Detector | null {
    if (snapshot.detectorVersion !== options.detectorVersion || snapshot.configHash !== options.configHash) {
      const stored = { version: snapshot.detectorVersion, config: snapshot.configHash };
      log.warn(
        { stored, running: { version: options.detectorVersion, config: options.configHash } },
        'detector snapshot has another version or configuration',
      );
      return null;
    }
    try {
      return deps.createDetector(snapshot.body);
    } catch (error) {
      if (!isGuardianError(error, 'DETECT_SNAPSHOT_INVALID')) throw error;
      log.error({ err: error }, 'failed to load the detector snapshot');
      return null;
    }
  }

  return {
    open: async (emitted, origin) => {
      const snapshot = await readSnapshot(deps.database, options.name);
      const detector = snapshot === null ? null : restore(snapshot);
      if (snapshot !== null && detector !== null) {
        const savedAt = snapshot.nextOffset;
        log.info({ minute: snapshot.minute, from: savedAt, emitted }, 'detector restored');
        return { detector, nextOffset: savedAt, emitted, savedAt, unsaved: 0, relearnt: null };
      }
      const relearnt = emitted > origin ? new Map() : null;
      if (relearnt !== null) {
        log.warn({ emitted }, 'rebuilding the detector from the earliest stored minute; no notifications for the replay');
      }
      const fresh = deps.createDetector(null);
      // Verdicts count from the same minute on as the first time, however much of the log is left.
      for (const notice of await readFeedbackNotices(deps.database)) fresh.mark(notice);
      return { detector: fresh, nextOffset: origin, emitted, savedAt: 0, unsaved: 0, relearnt };
    },
    save: (tx, { detector, nextOffset }) =>
      saveSnapshot(tx, options.name, {
        nextOffset,
        sequence: detector.lastSequence,
        minute: Number.isNaN(detector.lastMinute) ? null : detector.lastMinute,
        detectorVersion: options.detectorVersion,
        configHash: options.configHash,
        takenAt: deps.clock.now(),
        body: detector.snapshot(),
      }),
  };
}
