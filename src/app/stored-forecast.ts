import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../bus/bus.ts';
import { readAll } from '../bus/read-all.ts';
import type { Clock } from '../clock.ts';
import type { ForecastQuery } from '../detect/forecast/forecast.ts';
import { scoreRecords, type ScoringPosition } from '../detect/stage/scorer.ts';
import { isGuardianError } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { readSnapshot } from '../store/verbs/detector/detector-snapshot.ts';
import type { DetectorFactory } from './detector-factory.ts';

export interface StoredForecastDeps {
  readonly bus: Bus;
  readonly database: Database;
  readonly clock: Clock;
  readonly factory: Pick<DetectorFactory, 'create' | 'detectorVersion' | 'stateHash'>;
}

/** Answers forecasts from the stored state of the detector, brought up to date by the windows since: the detector is
 *  deterministic, so the answer is that of the one that runs. Without a state of this version nothing is known yet. One question
 *  at a time. Throws STORE_UNAVAILABLE, BUS_UNAVAILABLE. */
export function createStoredForecast(deps: StoredForecastDeps): (query: ForecastQuery) => Promise<Forecast | null> {
  const { bus, database, clock, factory } = deps;
  let place: ScoringPosition | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  async function restore(): Promise<ScoringPosition | null> {
    const snapshot = await readSnapshot(database, 'main');
    if (snapshot === null || snapshot.detectorVersion !== factory.detectorVersion || snapshot.configHash !== factory.stateHash) return null;
    try {
      const { nextOffset } = snapshot;
      // Everything counts as reported: only the state is of interest.
      const emitted = Number.POSITIVE_INFINITY;
      return { detector: factory.create(snapshot.body), nextOffset, emitted, savedAt: nextOffset, unsaved: 0, relearnt: null };
    } catch (error) {
      if (isGuardianError(error, 'DETECT_SNAPSHOT_INVALID')) return null;
      throw error;
    }
  }

  async function isBehind(at: ScoringPosition): Promise<boolean> {
    const [range] = await bus.ranges(TOPICS.windows);
    // A log that was replaced, or that forgot what comes next, is begun with again.
    return range !== undefined && (range.next < at.nextOffset || range.earliest > at.nextOffset);
  }

  async function forecast(query: ForecastQuery): Promise<Forecast | null> {
    if (place !== null && (await isBehind(place))) place = null;
    place ??= await restore();
    if (place === null) return factory.create(null).forecast(query);
    try {
      for await (const { records } of readAll(bus, TOPICS.windows, { fromOffset: place.nextOffset }))
        await scoreRecords(place, records, clock, () => false);
    } catch (error) {
      // Half a batch may be in it.
      place = null;
      throw error;
    }
    return place.detector.forecast(query);
  }

  return (query) => {
    const mine = turn.then(() => forecast(query));
    turn = mine.catch(() => undefined);
    return mine;
  };
}
