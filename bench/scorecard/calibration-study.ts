import type { MinuteScore } from '@transaction-guardian/contracts/anomaly.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { createCompany } from '../../src/simulate/company.ts';
import { createRandom } from '../../src/simulate/random.ts';
import { drawCells, MINUTE_MS, ordinaryRates, START, windowOf } from './counts-stream.ts';
import { createDefaultDetector } from './data-files.ts';
import { simulatedWindows } from './simulated-windows.ts';

/** Levels at which the scores are checked, and the absolute z that belongs to each (two-sided). */
export const LEVELS = [
  { level: 0.1, z: 1.6449 },
  { level: 0.05, z: 1.96 },
  { level: 0.01, z: 2.5758 },
  { level: 0.001, z: 3.2905 },
] as const;

/** Share of the clean minutes of a stream that score at least 1 - level, by level, in the order of `LEVELS`. */
export interface CalibrationRow {
  readonly stream: string;
  readonly minutes: number;
  readonly ml: readonly number[];
  readonly z: readonly number[];
}

/** Days of which the scores are checked; one more before them is learnt. */
export function runCalibration(days: number): CalibrationRow[] {
  const flat = [400, 120, 20, 3].map((perMinute) => {
    const random = createRandom(`calibration/${perMinute}`);
    const rates = ordinaryRates(perMinute);
    const windows = (function* (): Generator<ClosedWindow> {
      for (let n = 0; n < (days + 1) * 1440; n++) yield windowOf(n + 1, START + n * MINUTE_MS, drawCells(random, rates));
    })();
    return checkStream(`flat, ${perMinute} a minute`, windows, 1440);
  });
  const company = createCompany({ seed: 'calibration', merchants: 10 });
  const options = { seed: 'calibration', start: START, minutes: (days + 3) * 1440, timeZone: 'America/Sao_Paulo', company };
  return [...flat, checkStream('company of 10, daily curve', simulatedWindows(options), 3 * 1440)];
}

function checkStream(stream: string, windows: Iterable<ClosedWindow>, skip: number): CalibrationRow {
  const detector = createDefaultDetector();
  const fleet: MinuteScore[] = [];
  for (const window of windows) {
    const score = detector.step(window).scores.find(({ node }) => node === 'fleet');
    if (window.revision === 0 && window.minute >= START + skip * MINUTE_MS && score !== undefined) fleet.push(score);
  }
  const share = (test: (score: MinuteScore) => boolean): number => fleet.filter(test).length / fleet.length;
  return {
    stream,
    minutes: fleet.length,
    ml: LEVELS.map(({ level }) => share(({ ml_score }) => ml_score >= 1 - level)),
    z: LEVELS.map(({ z }) => share(({ z_score }) => Math.abs(z_score) >= z)),
  };
}
