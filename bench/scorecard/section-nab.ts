import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { show, type Figure, type Section, type SectionOptions } from './figure.ts';
import { runNab, type NabRun } from './run-nab.ts';
import { scoreNab, type NabScore } from './score-nab.ts';
import { UNCHANGED, shifted, thinnedBy } from './transform.ts';

/** The Numenta Anomaly Benchmark: three profiles, swept and with own decisions, plain and transformed. */
export async function makeSection({ data }: SectionOptions): Promise<Section | null> {
  const folder = join(data ?? '', 'nab');
  if (data === null || !existsSync(folder)) return null;
  const runs: (readonly [string, NabRun])[] = [];
  for (const transform of [UNCHANGED, shifted(3), thinnedBy(0.6, 'thinned')]) runs.push([transform.name, await runNab(folder, transform)]);
  const plain = runs[0]?.[1];
  if (plain === undefined) return null;
  return {
    title: 'Numenta Anomaly Benchmark (the groups that are there)',
    about: `${plain.files.length} files, 0 is silence and 100 is perfect. "Swept" takes the best threshold of each profile over all files, as the scoreboard of the benchmark does; "own decisions" takes no threshold. The best known scores are of the full corpus. Thinning applies to the ${plain.counts} files of counts.`,
    figures: nabFigures(plain.score),
    tables: [
      { title: 'Transformed copies', rows: [['copy', ...HEAD], ...runs.map(([name, { score }]) => scoreRow(name, score))] },
      { title: 'Groups, each swept by itself', rows: [['group', ...HEAD], ...groupRows(plain)] },
    ],
  };
}

const HEAD = [
  'standard',
  'low FP',
  'low FN',
  'windows hit',
  'false points',
  'own standard',
  'own low FP',
  'own low FN',
  'own hits',
  'own false points',
];

/** The figures of a run. */
export function nabFigures({ swept, fixed, windows, windowsHit, falsePoints }: NabScore): Figure[] {
  const points = { unit: 'of 100', better: 'higher' } as const;
  const own = `own decisions hit ${fixed?.windowsHit ?? 0} of ${windows} windows with ${fixed?.falsePoints ?? 0} false points`;
  return [
    {
      id: 'nab.standard',
      name: 'standard, swept',
      value: swept.standard,
      ...points,
      goal: 70,
      best: 'ARTime 74.9, HTM 70, CAD OSE 69.9, RCF 51.7; prototype 59.2',
      note: `${windowsHit} of ${windows} windows with ${falsePoints} false points`,
    },
    {
      id: 'nab.low_fp',
      name: 'low FP, swept',
      value: swept.lowFalsePositive,
      ...points,
      goal: 62,
      best: 'CAD OSE 67.0, ARTime 65.2, HTM 62, RCF 38.4',
    },
    { id: 'nab.low_fn', name: 'low FN, swept', value: swept.lowFalseNegative, ...points },
    { id: 'nab.own_standard', name: 'standard, own decisions', value: fixed?.standard ?? Number.NaN, ...points, note: own },
    { id: 'nab.own_low_fp', name: 'low FP, own decisions', value: fixed?.lowFalsePositive ?? Number.NaN, ...points },
    { id: 'nab.own_low_fn', name: 'low FN, own decisions', value: fixed?.lowFalseNegative ?? Number.NaN, ...points },
  ];
}

function scoreRow(name: string, { swept, windows, windowsHit, falsePoints, fixed }: NabScore): string[] {
  const profiles = (scores: NabScore['swept'] | null) =>
    [scores?.standard, scores?.lowFalsePositive, scores?.lowFalseNegative].map((score) => show(score ?? Number.NaN));
  return [
    name,
    ...profiles(swept),
    `${windowsHit} of ${windows}`,
    String(falsePoints),
    ...profiles(fixed),
    String(fixed?.windowsHit ?? '-'),
    String(fixed?.falsePoints ?? '-'),
  ];
}

function groupRows({ files }: NabRun): string[][] {
  const groups = Map.groupBy(files, ({ name }) => name.split('/')[0] ?? '');
  return [...groups].map(([group, members]) => scoreRow(group, scoreNab(members)));
}
