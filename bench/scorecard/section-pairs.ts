import { percent, show, type Figure, type Section, type SectionOptions } from './figure.ts';
import { runPairs, type JudgedPair, type PairRun } from './pair-study.ts';
import { median } from './score-windows.ts';

/** Minutes within which a second incident must be named. */
const SOON = 5;

/** Incidents that begin inside another one. */
export async function makeSection({ full }: SectionOptions): Promise<Section | null> {
  const seeds = full ? 30 : 5;
  const seen = runsOf('pairs', seeds);
  const held = runsOf('pairs-held', seeds);
  return {
    title: 'An incident inside another one',
    about: `Companies of 12 merchants and 3 acquirers with daily and weekly curves, late rows and drift: two days to learn, two with six pairs each, from eight in the morning to ten at night. The first thing is broken for 40 minutes; the second one, of another status, code, acquirer or merchant, begins after 4, 12 or 20 of them and lasts for 30. It is named when an anomaly says its kind, its code and its place, and no other place. ${seeds} companies (seeds pairs-1 to pairs-${seeds}), and as many that nobody looked at while the detector was made (pairs-held).`,
    figures: [...figuresOf('pairs', seen), ...figuresOf('pairs.held', held)],
    tables: [{ title: 'By pair', rows: [HEAD, ...rowsOf([...seen, ...held])] }],
  };
}

const runsOf = (name: string, seeds: number): PairRun[] =>
  Array.from({ length: seeds }, (_, index) => runPairs(`${name}-${index + 1}`, index));

const isNamed = ({ second }: JudgedPair): boolean => second !== null && second <= SOON;
const extraOf = (pairs: readonly JudgedPair[]): number => pairs.reduce((sum, { extra }) => sum + extra, 0);

function figuresOf(id: string, runs: readonly PairRun[]): Figure[] {
  const pairs = runs.flatMap((run) => run.pairs);
  const named = pairs.filter(isNamed);
  return [
    {
      id: `${id}.named`,
      name: `second incident named within ${SOON} min`,
      value: (100 * named.length) / pairs.length,
      unit: '%',
      better: 'higher',
      goal: 90,
      note: `${named.length} of ${pairs.length}`,
    },
    {
      id: `${id}.own`,
      name: 'second incident named by an anomaly of its own',
      value: (100 * pairs.filter(({ isOwn }) => isOwn).length) / pairs.length,
      unit: '%',
      better: 'higher',
    },
    {
      id: `${id}.extra`,
      name: 'anomalies beyond one for each cause',
      value: extraOf(pairs) / pairs.length,
      unit: 'a pair',
      better: 'lower',
      note: `${extraOf(pairs)} in ${pairs.length} pairs`,
    },
    {
      id: `${id}.false`,
      name: 'false anomalies between pairs',
      value: runs.reduce((sum, { falseOnes }) => sum + falseOnes, 0) / (2 * runs.length),
      unit: 'a company-day',
      better: 'lower',
    },
  ];
}

const HEAD = ['first, then second', 'pairs', `second named within ${SOON} min`, 'by its own anomaly', 'median delay', 'extra anomalies'];

function rowsOf(runs: readonly PairRun[]): string[][] {
  const byName = Map.groupBy(
    runs.flatMap((run) => run.pairs),
    ({ name }) => name,
  );
  return [...byName].map(([name, pairs]) => [
    name,
    String(pairs.length),
    percent(pairs.filter(isNamed).length / pairs.length),
    percent(pairs.filter(({ isOwn }) => isOwn).length / pairs.length),
    show(median(pairs.flatMap(({ second }) => (second === null ? [] : [second]))) ?? Number.NaN),
    String(extraOf(pairs)),
  ]);
}
