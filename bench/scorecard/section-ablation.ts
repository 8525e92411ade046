import { existsSync } from 'node:fs';
import { join } from 'node:path';
import defaultModel from '../../src/detect/forest/default-model.json' with { type: 'json' };
import { DETECTOR_PARTS, type DetectorPart } from '../../src/detect/series/parts.ts';
import { EVERYDAY, MEASURES, runAblation, runUncalibrated, type Ablation, type AblationMeasure } from './ablation.ts';
import { show, type Section, type SectionOptions } from './figure.ts';
import { pair, SURE, type OutcomeKey, type Pairing } from './paired.ts';
import { worstOf } from './section-calibration.ts';

/** What each part of the detector earns: the method without it. */
export async function makeSection({ data, full }: SectionOptions): Promise<Section | null> {
  const labelled = data !== null && existsSync(join(data, 'cloudwalk')) ? data : null;
  const [companies, cleanCompanies, streams] = full ? [8, 6, 20] : [2, 1, 4];
  const [whole, ...without] = await runAblation({ data: labelled, companies, cleanCompanies, streams });
  if (whole === undefined) return null;
  const rows = without.flatMap((one) => pairRows(whole, one));
  const idle = without.filter(({ part }) => rows.every((row) => row.part !== part || !row.isMissed));
  const measures = Object.keys(MEASURES) as AblationMeasure[];
  return {
    title: 'What each part earns',
    about: `The detector without one of its parts: the labelled stream, ${companies} companies of 20 merchants with incidents for four days, ${cleanCompanies} clean of 40 merchants for five days, and ${5 * streams} incidents of each kind at 20 and 3 a minute. Cells of the first table are what changes without the part; a change by one or two is no proof. The second table compares trial by trial, on the same seeds: what all parts are measured on, and the situations that a part is there for. "Worse" are trials that are reported later, with more false anomalies, or in more anomalies than with the part; p is that of a two-sided sign test. A part is shown to earn its place by p < ${SURE} in a measure.`,
    figures: [
      {
        id: 'ablation.idle',
        name: 'parts that are not shown to earn their place',
        value: idle.length,
        unit: `of ${without.length}`,
        better: 'lower',
        note: idle.map(({ part }) => (part === null ? '' : DETECTOR_PARTS[part])).join(', '),
      },
    ],
    tables: [
      {
        title: 'Without the part',
        rows: [
          ['part', ...measures.map((measure) => MEASURES[measure])],
          ['(all of it)', ...measures.map((measure) => show(whole.values[measure]))],
          ...without.map((one) => [nameOf(one.part), ...measures.map((measure) => change(one.values[measure] - whole.values[measure]))]),
        ],
      },
      { title: 'The same trials with and without the part', rows: [PAIR_HEAD, ...rows.map(({ cells }) => cells)] },
      { title: `Without: ${DETECTOR_PARTS.calibration}`, rows: uncalibratedRows(full) },
      { title: 'What the shipped forest earned on streams of other seeds (from the model file)', rows: heldOutRows() },
    ],
  };
}

const PAIR_HEAD = [
  'part',
  'trials',
  'number',
  ...['minutes until reported', 'false anomalies', 'anomalies an incident'].flatMap((of) => [of, 'worse : better', 'p']),
];
const KEYS: readonly OutcomeKey[] = ['late', 'falseOnes', 'told'];

interface PairRow {
  readonly part: DetectorPart | null;
  /** Whether something is surely worse without the part. */
  readonly isMissed: boolean;
  readonly cells: readonly string[];
}

/** The trials of a part, one row a situation. */
function pairRows(whole: Ablation, { part, trials }: Ablation): PairRow[] {
  return Object.entries(trials).map(([situation, outcomes]) => {
    const pairings = KEYS.map((key) => pair(whole.trials[situation] ?? [], outcomes, key));
    return {
      part,
      isMissed: pairings.some(({ worse, better, p }) => worse > better && p < SURE),
      cells: [situation === EVERYDAY ? nameOf(part) : '', situation, String(outcomes.length), ...pairings.flatMap(pairCells)],
    };
  });
}

function pairCells({ whole, without, worse, better, p }: Pairing): string[] {
  if (worse + better === 0) return [show(whole), '', ''];
  return [`${show(whole)} -> ${show(without)}`, `${worse} : ${better}`, p < 0.0001 ? '< 0.0001' : show(p)];
}

/** What training wrote into the model: incidents of every strength at 400, 120, 20 and 3 a minute. */
function heldOutRows(): string[][] {
  const { weight, held_out: of } = defaultModel.combine;
  const row = (name: string, told: typeof of.by_both, loss: number): string[] => [
    name,
    `${told.caught} of ${of.incidents}`,
    show(told.delay),
    String(told.false_anomalies),
    show(loss),
  ];
  return [
    ['evidence', 'incidents reported', 'sum of delays, min', 'false anomalies', 'surprise of an undecided minute, nats'],
    row('counts', of.by_counts, of.loss_by_counts),
    row(`counts and forest (weight ${weight})`, of.by_both, of.loss_by_both),
  ];
}

const nameOf = (part: DetectorPart | null): string => (part === null ? '' : DETECTOR_PARTS[part]);

function change(difference: number): string {
  if (difference === 0) return '';
  return `${difference > 0 ? '+' : ''}${show(difference)}`;
}

function uncalibratedRows(full: boolean): string[][] {
  const rows = runUncalibrated(full ? 30 : 4).filter(({ scope }) => scope === 'fleet');
  const figures = (['ml', 'z'] as const).map((key) => worstOf('', key === 'ml' ? 'ML score' : 'z-score', rows, key));
  return [
    ['score of the fleet', 'farthest from what it promises, % off', 'where'],
    ...figures.map((f) => [f.name, show(f.value), f.note ?? '']),
  ];
}
