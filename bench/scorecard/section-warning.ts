import measured from '../../src/detect/warning/measured-precision.json' with { type: 'json' };
import { percent, show, type Section, type SectionOptions } from './figure.ts';
import { median } from './score-windows.ts';
import { runWarnings, type Warned } from './warning-study.ts';

const WITHIN_MINUTES = 60;

/** Whether "will cross in about N minutes" can be believed. */
export async function makeSection({ full }: SectionOptions): Promise<Section | null> {
  const runs = Array.from({ length: full ? 40 : 6 }, (_, index) => runWarnings(`warning-${index + 1}`));
  const warned = runs.flatMap((run) => run.warned);
  const sum = (key: 'cleanDays' | 'crossed' | 'foreseen'): number => runs.reduce((total, run) => total + run[key], 0);
  const isHit = ({ lead }: Warned): boolean => lead !== null && lead <= WITHIN_MINUTES;
  const isInTime = ({ lead, told }: Warned): boolean => lead !== null && lead <= 2 * told;
  const hits = warned.filter(isHit);
  const clean = warned.filter(({ of }) => of === 'clean').length;
  const kinds = [...new Set(warned.map(({ of }) => of))].toSorted();
  return {
    title: 'Warnings before the bar',
    about: `\`drift_warning\`: "will cross in about N minutes". ${runs.length} companies (seeds warning-1 and on) of 4, 12 or 40 merchants: five days to learn, four clean days, and from five points of these 25 drifts each: a decay of the volume by 60 %, one by 40 % (which need not reach the bar), slow burns of denials, failures and reversals. A warning is right when an fall of the volume is told above the merchants within ${WITHIN_MINUTES} minutes. Only volumes are warned of: burns are there to see that they make no wrong warning.`,
    figures: [
      {
        id: 'warning.precision',
        name: `warnings followed by the anomaly within ${WITHIN_MINUTES} min`,
        value: (100 * hits.length) / warned.length,
        unit: '%',
        better: 'higher',
        goal: 70,
        note: `${hits.length} of ${warned.length}; the product says ${percent(measured.precision)}`,
      },
      {
        id: 'warning.precision_2n',
        name: 'warnings followed by the anomaly within twice the time told',
        value: (100 * warned.filter(isInTime).length) / warned.length,
        unit: '%',
        better: 'higher',
      },
      {
        id: 'warning.lead',
        name: 'time from warning to anomaly, median',
        value: median(hits.map(({ lead }) => lead ?? 0)) ?? Number.NaN,
        unit: 'min',
        better: 'higher',
      },
      {
        id: 'warning.clean_day',
        name: 'warnings of clean streams',
        value: clean / sum('cleanDays'),
        unit: 'a company-day',
        better: 'lower',
        note: `${clean} in ${sum('cleanDays')} days`,
      },
      {
        id: 'warning.foreseen',
        name: 'falls of the volume that were told and had been warned of',
        value: (100 * sum('foreseen')) / sum('crossed'),
        unit: '%',
        better: 'higher',
        note: `${sum('foreseen')} of ${sum('crossed')}`,
      },
    ],
    tables: [
      {
        title: 'By what drifts',
        rows: [
          ['what', 'warnings', 'right', 'median lead'],
          ...kinds.map((kind) =>
            rowOf(
              kind,
              warned.filter(({ of }) => of === kind),
              isHit,
            ),
          ),
        ],
      },
    ],
  };
}

function rowOf(kind: string, warned: readonly Warned[], isHit: (one: Warned) => boolean): string[] {
  const hits = warned.filter(isHit);
  const lead = median(hits.map(({ lead: minutes }) => minutes ?? 0));
  return [kind, String(warned.length), String(hits.length), lead === null ? '-' : show(lead)];
}
