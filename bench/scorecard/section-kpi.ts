import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { show, type Figure, type Section, type SectionOptions } from './figure.ts';
import { runKpi, type KpiRun } from './run-kpi.ts';
import { scoreKpi, type KpiScore } from './score-kpi.ts';
import { UNCHANGED, shifted, thinnedBy } from './transform.ts';

/** The series of Microsoft's cloud monitoring, plain and transformed. */
export async function makeSection({ data }: SectionOptions): Promise<Section | null> {
  const folder = join(data ?? '', 'mscloud');
  if (data === null || !existsSync(folder)) return null;
  const runs: (readonly [string, KpiRun])[] = [];
  for (const transform of [UNCHANGED, shifted(3), thinnedBy(0.6, 'thinned')]) runs.push([transform.name, await runKpi(folder, transform)]);
  const plain = runs[0]?.[1];
  if (plain === undefined) return null;
  return {
    title: 'Cloud monitoring (Microsoft)',
    about: `${plain.series.length} series from one minute to one hour a point, scored on the second half of each. F1 with delay 7: a segment counts, with all its points, when it is found within 8 points. Thinning applies to the ${plain.counts} series of counts.`,
    figures: kpiFigures(plain.score),
    tables: [
      {
        title: 'Transformed copies',
        rows: [
          ['copy', 'F1', 'F1 per series', 'oracle F1', 'decisions F1', 'false events', 'segment recall'],
          ...runs.map(([name, { score }]) => copyRow(name, score)),
        ],
      },
      { title: 'Groups by themselves, and all the others without them', rows: groupRows(plain) },
    ],
  };
}

function kpiFigures({ trainedGlobal, trainedPerKpi, oracleGlobal, oraclePerKpi, decision }: KpiScore): Figure[] {
  const f1 = { unit: 'F1', better: 'higher' } as const;
  const share = { unit: 'of 1', better: 'higher' } as const;
  return [
    {
      id: 'mscloud.f1',
      name: 'delay-7 F1, one threshold from the first half',
      value: trainedGlobal,
      ...f1,
      goal: 0.384,
      best: 'prototype 0.384; no published score',
    },
    { id: 'mscloud.f1_per_series', name: 'delay-7 F1, a threshold per series from the first half', value: trainedPerKpi, ...f1 },
    { id: 'mscloud.f1_oracle', name: 'delay-7 F1, best single threshold (oracle)', value: oracleGlobal, ...f1 },
    { id: 'mscloud.f1_oracle_per_series', name: 'delay-7 F1, best thresholds per series (oracle)', value: oraclePerKpi, ...f1 },
    {
      id: 'mscloud.decision_f1',
      name: 'own decisions, F1',
      value: decision?.f1 ?? 0,
      ...f1,
      note: `precision ${show(decision?.precision ?? 0)}, recall ${show(decision?.recall ?? 0)}`,
    },
    {
      id: 'mscloud.false_events',
      name: 'own decisions, false alarm events',
      value: decision?.falseEventsPerSeriesDay ?? 0,
      unit: 'a series-day',
      better: 'lower',
    },
    {
      id: 'mscloud.segment_recall',
      name: 'own decisions, segments found',
      value: decision?.segmentRecall ?? 0,
      ...share,
      note: `of ${decision?.segments ?? 0}`,
    },
    {
      id: 'mscloud.median_delay',
      name: 'own decisions, median delay',
      value: decision?.medianDelay ?? Number.NaN,
      unit: 'points',
      better: 'lower',
    },
  ];
}

/** How much of the figure hangs on one group. */
function groupRows({ series }: KpiRun): string[][] {
  const groups = [...new Set(series.map(({ group }) => group))];
  const rows = groups.map((name) => {
    const own = scoreKpi(series.filter(({ group }) => group === name));
    const others = scoreKpi(series.filter(({ group }) => group !== name));
    return [name, ...[own.trainedGlobal, own.oracleGlobal, others.trainedGlobal, others.oracleGlobal].map(show)];
  });
  return [['group', 'F1', 'oracle F1', 'F1 without it', 'oracle F1 without it'], ...rows];
}

function copyRow(name: string, { trainedGlobal, trainedPerKpi, oracleGlobal, decision }: KpiScore): string[] {
  const values = [trainedGlobal, trainedPerKpi, oracleGlobal, decision?.f1, decision?.falseEventsPerSeriesDay, decision?.segmentRecall];
  return [name, ...values.map((value) => show(value ?? Number.NaN))];
}
