import { LEVELS, runCalibration, type CalibrationRow, type CalibrationScope } from './calibration-study.ts';
import { percent, show, type Figure, type Section, type SectionOptions } from './figure.ts';

/** Levels that the minutes of a run are enough for. */
const CHECKED = 3;

/** How often clean minutes score high. */
export async function makeSection({ full }: SectionOptions): Promise<Section | null> {
  const rows = runCalibration(full ? 60 : 14);
  const head = ['stream', 'scores of', 'minutes', ...LEVELS.map(({ level }) => percent(level))];
  const shares = (key: 'ml' | 'z') =>
    rows.filter((row) => row[key].length > 0).map((row) => [row.stream, row.scope, show(row.minutes), ...row[key].map(percent)]);
  const of = (scope: CalibrationScope) => rows.filter((row) => row.scope === scope);
  return {
    title: 'Calibration',
    about: `Share of the clean minutes of a stream whose score is at least 1 - a; it should be a. The z-score is compared with both tails of the normal distribution. A figure is the worst of the streams at 10, 5 and 1 %; 0.1 % is shown, the minutes are too few to hold it to 25 %. Statuses (and merchants) of a stream are taken together, those with at least one expected a minute.`,
    figures: [
      worstOf('calibration.ml', 'ML score of the fleet: farthest from what it promises', of('fleet'), 'ml'),
      worstOf('calibration.z', 'z-score of the fleet: farthest from what it promises', of('fleet'), 'z'),
      worstOf('calibration.status_z', 'z-score of statuses: farthest from what it promises', of('statuses'), 'z'),
      worstOf('calibration.merchant_ml', 'ML score of merchants: farthest from what it promises', of('merchants'), 'ml'),
      worstOf('calibration.merchant_z', 'z-score of merchants: farthest from what it promises', of('merchants'), 'z'),
    ],
    tables: [
      { title: 'Share of clean minutes with ML score >= 1 - a, by a', rows: [head, ...shares('ml')] },
      { title: 'Share of clean minutes with |z| beyond the normal quantile of a, by a', rows: [head, ...shares('z')] },
    ],
  };
}

/** The figure of the stream and level (10, 5 or 1 %) whose share is farthest from what it should be. */
export function worstOf(id: string, name: string, rows: readonly CalibrationRow[], key: 'ml' | 'z'): Figure {
  const all = rows.flatMap((row) =>
    LEVELS.slice(0, CHECKED).map(({ level }, index) => ({ stream: row.stream, level, share: row[key][index] ?? 0 })),
  );
  const off = ({ share, level }: (typeof all)[number]): number => Math.abs(share / level - 1);
  const worst = all.toSorted((a, b) => off(b) - off(a))[0];
  const note = worst === undefined ? '' : `${worst.stream}: ${percent(worst.share)} where ${percent(worst.level)} is promised`;
  return {
    id,
    name,
    value: worst === undefined ? Number.NaN : 100 * off(worst),
    unit: '% off',
    better: 'lower',
    note,
    goal: 25,
  };
}
