import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { scoreRow } from '../../src/detect/evidence/calibration.ts';
import { createProbe, type Probe } from '../../src/detect/engine/create-detector.ts';
import { partsWithout, type Parts } from '../../src/detect/series/parts.ts';
import { EXPECTED, GROUP_ROWS, kindOfGroup, valueOf } from '../../src/detect/series/series-store.ts';
import { createCompany } from '../../src/simulate/company.ts';
import { createRandom } from '../../src/simulate/random.ts';
import { drawCells, MINUTE_MS, ordinaryRates, START, windowOf } from './counts-stream.ts';
import { simulatedWindows } from './simulated-windows.ts';

/** Levels at which the scores are checked, and the absolute z that belongs to each (two-sided). */
export const LEVELS = [
  { level: 0.1, z: 1.6449 },
  { level: 0.05, z: 1.96 },
  { level: 0.01, z: 2.5758 },
  { level: 0.001, z: 3.2905 },
] as const;
/** Statuses and merchants count where this many are expected a minute: fewer make steps that no level falls on. */
const LEAST_EXPECTED = 1;
const TIME_ZONE = 'America/Sao_Paulo';

export type CalibrationScope = 'fleet' | 'statuses' | 'merchants';

/** Share of the clean minutes that score at least 1 - level, by level, in the order of `LEVELS`; of all statuses or
 *  merchants of a stream together. `ml` is empty for statuses: only groups have an ML score. */
export interface CalibrationRow {
  readonly stream: string;
  readonly scope: CalibrationScope;
  readonly minutes: number;
  readonly ml: readonly number[];
  readonly z: readonly number[];
}

/** Days of which the scores are checked; one more before them is learnt, three where there is a daily curve. */
export function runCalibration(days: number, seed = 'calibration', parts: Parts = partsWithout()): CalibrationRow[] {
  const flat = [400, 120, 20, 3].flatMap((perMinute) => {
    const random = createRandom(`${seed}/${perMinute}`);
    const rates = ordinaryRates(perMinute);
    const windows = (function* (): Generator<ClosedWindow> {
      for (let n = 0; n < (days + 1) * 1440; n++) yield windowOf(n + 1, START + n * MINUTE_MS, drawCells(random, rates));
    })();
    return checkStream(`flat, ${perMinute} a minute`, windows, 1440, parts);
  });
  const company = createCompany({ seed, merchants: 10 });
  const options = { seed, start: START, minutes: (days + 3) * 1440, timeZone: TIME_ZONE, company };
  return [...flat, ...checkStream('company of 10, daily curve', simulatedWindows(options), 3 * 1440, parts)];
}

interface Tally {
  minutes: number;
  readonly ml: number[];
  readonly z: number[];
}

function checkStream(stream: string, windows: Iterable<ClosedWindow>, skip: number, parts: Parts): CalibrationRow[] {
  const probe = createProbe({ timeZone: TIME_ZONE, parts });
  const tallies: Record<CalibrationScope, Tally> = { fleet: newTally(), statuses: newTally(), merchants: newTally() };
  for (const window of windows) {
    probe.step(window);
    if (window.revision === 0 && window.minute >= START + skip * MINUTE_MS) tallyMinute(probe, tallies);
  }
  return (Object.keys(tallies) as CalibrationScope[]).flatMap((scope) => {
    const { minutes, ml, z } = tallies[scope];
    const share = (count: number): number => count / minutes;
    return minutes === 0 ? [] : [{ stream, scope, minutes, ml: scope === 'statuses' ? [] : ml.map(share), z: z.map(share) }];
  });
}

const newTally = (): Tally => ({ minutes: 0, ml: LEVELS.map(() => 0), z: LEVELS.map(() => 0) });

function tallyMinute(probe: Probe, tallies: Record<CalibrationScope, Tally>): void {
  const { store } = probe.state;
  for (let row = 0; row < GROUP_ROWS; row++) {
    if (row === 0 || valueOf(store, row, EXPECTED) >= LEAST_EXPECTED) tallyRow(probe, row, tallies[row === 0 ? 'fleet' : 'statuses']);
  }
  for (let group = 1; group < store.groups; group++) {
    const row = group * GROUP_ROWS;
    if (kindOfGroup(store, group) === 'merchant' && valueOf(store, row, EXPECTED) >= LEAST_EXPECTED)
      tallyRow(probe, row, tallies.merchants);
  }
}

function tallyRow(probe: Probe, row: number, tally: Tally): void {
  const z = Math.abs(scoreRow(probe.state.store, row).z);
  const mlScore = row % GROUP_ROWS === 0 ? probe.mlScore(row / GROUP_ROWS) : 0;
  tally.minutes++;
  LEVELS.forEach((of, index) => {
    if (z >= of.z) tally.z[index] = (tally.z[index] ?? 0) + 1;
    if (mlScore >= 1 - of.level) tally.ml[index] = (tally.ml[index] ?? 0) + 1;
  });
}
