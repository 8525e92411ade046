import { show, type Figure, type Section, type SectionOptions } from './figure.ts';
import { runNull, type NullRun } from './null-study.ts';
import { poissonUpper } from './statistics.ts';

/** Companies in which nothing breaks. */
export async function makeSection({ full }: SectionOptions): Promise<Section | null> {
  const small = Array.from({ length: full ? 40 : 8 }, (_, index) =>
    runNull({ seed: `null-${index + 1}`, merchants: 40, days: full ? 14 : 5 }),
  );
  const middle = Array.from({ length: full ? 4 : 1 }, (_, index) =>
    runNull({ seed: `null-800-${index + 1}`, merchants: 800, days: full ? 7 : 3 }),
  );
  return {
    title: 'Clean streams of the simulator',
    about:
      'Companies in which nothing breaks (seeds null-1 and on): daily and weekly curves, drift, late rows. Everything that opens is false. The first day, when nothing is known of the stream, counts too and is shown apart. Upper bounds: 95 %, Poisson.',
    figures: nullFigures('null', [...small, ...middle]),
    tables: [
      {
        title: 'By company',
        rows: [COMPANY_HEAD, companyRow('40 merchants', small), companyRow('800 merchants', middle)],
      },
      { title: 'What was false', rows: [['what', 'day 1', 'later'], ...kindRows([...small, ...middle])] },
    ],
  };
}

export const COMPANY_HEAD = [
  'companies',
  'merchant-days',
  'false on merchants',
  'of these on day 1',
  'a merchant-day',
  'at most (95 %)',
  'false on fleet, status, acquirer',
  'company-days',
];

const count = (runs: readonly NullRun[], key: 'merchantOnes' | 'upperOnes', from = 0): number =>
  runs.reduce((sum, run) => sum + run[key].filter((anomaly) => run.dayOf(anomaly) >= from).length, 0);
export const total = (runs: readonly NullRun[], key: 'merchantDays' | 'days'): number => runs.reduce((sum, run) => sum + run[key], 0);

/** The figures of some companies; `id` starts their ids. */
export function nullFigures(id: string, runs: readonly NullRun[]): Figure[] {
  const merchantDays = total(runs, 'merchantDays');
  const onMerchants = count(runs, 'merchantOnes');
  const lower = { better: 'lower' } as const;
  return [
    {
      id: `${id}.merchant_day`,
      name: 'false incidents on merchants',
      value: onMerchants / merchantDays,
      unit: 'a merchant-day',
      ...lower,
      goal: 0.001,
      best: 'prototype 0.000-0.008',
      note: `${onMerchants} in ${show(merchantDays)}; at most ${show(poissonUpper(onMerchants) / merchantDays)} (95 %); ${count(runs, 'merchantOnes', 1)} after the first day`,
    },
    {
      id: `${id}.upper_day`,
      name: 'false incidents on fleet, statuses and acquirers',
      value: count(runs, 'upperOnes') / total(runs, 'days'),
      unit: 'a company-day',
      ...lower,
      note: `${count(runs, 'upperOnes')} in ${total(runs, 'days')} days`,
    },
  ];
}

/** A row of a table with `COMPANY_HEAD`. */
export function companyRow(name: string, runs: readonly NullRun[]): string[] {
  const [onMerchants, merchantDays] = [count(runs, 'merchantOnes'), total(runs, 'merchantDays')];
  const shares = [onMerchants / merchantDays, poissonUpper(onMerchants) / merchantDays].map(show);
  const first = onMerchants - count(runs, 'merchantOnes', 1);
  return [
    `${runs.length} of ${name}`,
    show(merchantDays),
    String(onMerchants),
    String(first),
    ...shares,
    String(count(runs, 'upperOnes')),
    String(total(runs, 'days')),
  ];
}

/** What was false, by type and node, on the first day and later. */
export function kindRows(runs: readonly NullRun[]): string[][] {
  const kinds = new Map<string, [first: number, later: number]>();
  for (const run of runs) {
    for (const anomaly of [...run.merchantOnes, ...run.upperOnes]) {
      const name = `${anomaly.type} of ${anomaly.node.kind}`;
      const pair = kinds.get(name) ?? [0, 0];
      pair[run.dayOf(anomaly) === 0 ? 0 : 1]++;
      kinds.set(name, pair);
    }
  }
  return [...kinds].map(([name, [first, later]]) => [name, String(first), String(later)]);
}
