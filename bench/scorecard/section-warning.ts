import measured from '../../src/detect/warning/measured-precision.json' with { type: 'json' };
import { percent, show, type Figure, type Section, type SectionOptions } from './figure.ts';
import { median } from './score-windows.ts';
import { confirmedOf, runWarnings, type Crossed, type Warned, type WarningRun } from './warning-study.ts';

/** Whether "will cross in about N minutes" can be believed. */
export async function makeSection({ full }: SectionOptions): Promise<Section | null> {
  const runs = Array.from({ length: full ? 40 : 6 }, (_, index) => runWarnings(`warning-${index + 1}`));
  const warned = runs.flatMap((run) => run.warned);
  return {
    title: 'Warnings ahead of the threshold',
    about: `\`drift_warning\`: "will cross in about N minutes". ${runs.length} companies (seeds warning-1 and on) of 4, 12 or 40 merchants: five days to learn, four clean days, and from five points of these 60 drifts each: decays of the volume by 60 % and by 40 % (which need not reach the threshold) and sustained rises of denials, failures, reversals (by acquirer and by the back end) and refunds, of all or of one acquirer. A warning is right when an anomaly of its kind is reported within 60 minutes, in the fleet or an acquirer; of an acquirer: in that one or in the fleet. What the product says of itself (\`node bench/scorecard/measure-warnings.ts\`) was measured on other companies.`,
    figures: [...figuresOfAll(runs), ...figuresOfKinds(warned)],
    tables: [
      { title: 'By kind', rows: [KIND_HEAD, ...kindsOf(warned).map((key) => kindRow(key, warned))] },
      {
        title: 'Drifts that were reported, and of them those with a warning before',
        rows: crossedRows(runs.flatMap((run) => run.crossed)),
      },
    ],
  };
}

const keyOf = ({ scope, kind }: Warned | Crossed): string => `${scope} ${kind}`;
const kindsOf = (of: readonly (Warned | Crossed)[]): string[] => [...new Set(of.map(keyOf))].toSorted();
const leadOf = (warned: readonly Warned[]): number => median(confirmedOf(warned).map(({ lead }) => lead ?? 0)) ?? Number.NaN;
const share = (part: readonly unknown[], whole: readonly unknown[]): number => (100 * part.length) / whole.length;

function figuresOfAll(runs: readonly WarningRun[]): Figure[] {
  const warned = runs.flatMap((run) => run.warned);
  const hits = confirmedOf(warned);
  const inTime = warned.filter(({ lead, told }) => lead !== null && lead <= 2 * told);
  const clean = warned.filter(({ of }) => of === 'clean');
  const days = runs.reduce((sum, { cleanDays }) => sum + cleanDays, 0);
  const foreseen = (isVolume: boolean): Pick<Figure, 'value' | 'note'> => {
    const crossed = runs.flatMap((run) => run.crossed).filter(({ kind, scope }) => scope === 'fleet' && (kind === 'volume') === isVolume);
    const seen = crossed.filter(({ isForeseen }) => isForeseen);
    return { value: share(seen, crossed), note: `${seen.length} of ${crossed.length}` };
  };
  const ofHits = { unit: '%', better: 'higher' } as const;
  return [
    {
      id: 'warning.precision',
      name: 'warnings followed by the anomaly within 60 min',
      value: share(hits, warned),
      goal: 70,
      note: `${hits.length} of ${warned.length}`,
      ...ofHits,
    },
    {
      id: 'warning.precision_2n',
      name: 'warnings followed by the anomaly within twice the stated time',
      value: share(inTime, warned),
      ...ofHits,
    },
    {
      id: 'warning.lead',
      name: 'time from warning to anomaly, falls of the volume, median',
      value: leadOf(warned.filter(({ kind }) => kind === 'volume')),
      unit: 'min',
      better: 'higher',
    },
    {
      id: 'warning.lead_burns',
      name: 'time from warning to anomaly, sustained rises, median',
      value: leadOf(warned.filter(({ kind }) => kind !== 'volume')),
      unit: 'min',
      better: 'higher',
    },
    {
      id: 'warning.clean_day',
      name: 'warnings of clean streams',
      value: clean.length / days,
      unit: 'a company-day',
      better: 'lower',
      goal: 0.05,
      note: `${clean.length} in ${days} days`,
    },
    { id: 'warning.foreseen', name: 'reported falls of the volume with a warning before', ...ofHits, ...foreseen(true) },
    { id: 'warning.foreseen_burns', name: 'reported sustained rises of the fleet with a warning before', ...ofHits, ...foreseen(false) },
  ];
}

function figuresOfKinds(warned: readonly Warned[]): Figure[] {
  return kindsOf(warned).map((key) => {
    const own = warned.filter((one) => keyOf(one) === key);
    const hits = confirmedOf(own);
    return {
      id: `warning.${key.replace(' ', '.')}`,
      name: `warnings of ${key} that were right`,
      value: share(hits, own),
      unit: '%',
      better: 'higher',
      goal: 70,
      note: `${hits.length} of ${own.length}`,
    };
  });
}

const KIND_HEAD = ['what', 'warnings', 'right', 'median lead, min', 'on clean days', 'the product says'];

function kindRow(key: string, warned: readonly Warned[]): string[] {
  const own = warned.filter((one) => keyOf(one) === key);
  const lead = leadOf(own);
  const [scope = '', kind = ''] = key.split(' ');
  const records: Readonly<Record<string, Readonly<Record<string, { readonly warnings: number; readonly confirmed: number }>>>> = measured;
  const record = records[scope]?.[kind];
  const says = record === undefined ? '-' : percent(record.confirmed / record.warnings);
  const clean = own.filter(({ of }) => of === 'clean').length;
  return [key, String(own.length), String(confirmedOf(own).length), Number.isNaN(lead) ? '-' : show(lead), String(clean), says];
}

function crossedRows(crossed: readonly Crossed[]): string[][] {
  const rows = kindsOf(crossed).map((key) => {
    const own = crossed.filter((one) => keyOf(one) === key);
    return [key, String(own.length), String(own.filter(({ isForeseen }) => isForeseen).length)];
  });
  return [['what', 'told', 'warned of'], ...rows];
}
