import { percent, show, type Figure, type Section, type SectionOptions } from './figure.ts';
import { runSlowBurns, type BurnCell } from './slow-burn-study.ts';

const RATES = [400, 120, 20];
const HOURS = 6;

/** Failures, denials and reversals that rise a little for hours. */
export async function makeSection({ full }: SectionOptions): Promise<Section | null> {
  const work = { streams: full ? 20 : 5, burns: full ? 5 : 3, minutes: HOURS * 60, cleanDays: full ? 14 : 6 };
  const { cells, falseOnes, cleanDays } = runSlowBurns({ seed: 'study', rates: RATES, ...work });
  return {
    title: 'Sustained rises',
    about: `Adverse statuses that rise a little for ${HOURS} hours, on streams of 400, 120 and 20 transactions a minute with a daily curve of the volume (half as much to one and a half times as much), daily curves of each share (up to 8 %) and drifts of the shares (2 % a day), learnt for three days; ${work.streams * work.burns} rises of each kind and volume (seed "study"), at any time of the day. The optimal test knows both rates of every minute in advance, at one false alarm in a thousand days; the median delay is of all burns, a missed one takes for ever. Clean: the same streams on ${cleanDays} days after those that were learnt, all that opens is false.`,
    figures: figuresOf(cells, falseOnes.length, cleanDays),
    tables: [{ title: 'By volume and kind', rows: [HEAD, ...cells.map(cellRow)] }],
  };
}

const sum = (cells: readonly BurnCell[], key: 'trials' | 'caught' | 'bestCaught' | 'told'): number =>
  cells.reduce((total, cell) => total + cell[key], 0);

function figuresOf(cells: readonly BurnCell[], falseOnes: number, cleanDays: number): Figure[] {
  const byRate = [...Map.groupBy(cells, ({ perMinute }) => perMinute)];
  return [
    ...byRate.map(([perMinute, group]): Figure => ({
      id: `slow_burn.${perMinute}.hits`,
      name: `${perMinute} a minute: caught within ${HOURS} hours`,
      value: (100 * sum(group, 'caught')) / sum(group, 'trials'),
      unit: '%',
      better: 'higher',
      note: `optimal test ${percent(sum(group, 'bestCaught') / sum(group, 'trials'))}`,
    })),
    ...byRate.map(([perMinute, group]): Figure => ({
      id: `slow_burn.${perMinute}.delay`,
      name: `${perMinute} a minute: worst median delay over that of the optimal test`,
      value: Math.max(...group.filter(isFindable).map(slowness)),
      unit: 'x',
      better: 'lower',
    })),
    {
      id: 'slow_burn.told',
      name: 'anomalies that tell of a caught burn',
      value: sum(cells, 'told') / sum(cells, 'caught'),
      unit: 'a burn',
      better: 'lower',
    },
    {
      id: 'slow_burn.false',
      name: 'false anomalies of the same streams',
      value: falseOnes / cleanDays,
      unit: 'a day',
      better: 'lower',
      note: `${falseOnes} in ${cleanDays} days`,
    },
  ];
}

const slowness = ({ delay, bestDelay }: BurnCell): number => (delay ?? Number.POSITIVE_INFINITY) / (bestDelay ?? Number.POSITIVE_INFINITY);

/** Where even the optimal test misses half of them, there is no median delay to compare. */
const isFindable = ({ bestDelay }: BurnCell): boolean => bestDelay !== null;

const HEAD = [
  'a minute',
  'burn',
  'caught',
  'median delay, min',
  'optimal test caught',
  'optimal delay, min',
  'anomalies a burn',
  'reported beginning is off by, min',
];

function cellRow({ perMinute, name, trials, caught, delay, bestCaught, bestDelay, told, startError }: BurnCell): string[] {
  const row = [String(perMinute), name, percent(caught / trials), show(delay ?? Number.NaN), percent(bestCaught / trials)];
  return [...row, show(bestDelay ?? Number.NaN), show(told / Math.max(1, caught)), show(startError ?? Number.NaN)];
}
