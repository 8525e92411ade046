import { join } from 'node:path';
import { existsSync } from 'node:fs';
import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { createCompany } from '../../src/simulate/company.ts';
import { cloudwalkWindows } from './run-cloudwalk.ts';
import { createDefaultDetector } from './data-files.ts';
import { percent, show, type Figure, type Section, type SectionOptions } from './figure.ts';
import { HORIZONS, runForecasts, type Forecasted } from './forecast-study.ts';
import { simulatedWindows } from './simulated-windows.ts';

const LEARN_DAYS = 3;
const DAYS = 10;
const MERCHANTS = 12;
const EVERY_MINUTES = 37;

/** How good the forecast is: companies of the simulator without incidents, and the labelled stream outside its windows. */
export async function makeSection({ data, full }: SectionOptions): Promise<Section | null> {
  const seeds = Array.from({ length: full ? 20 : 3 }, (_, index) => `forecast-${index + 1}`);
  const simulated = seeds.flatMap(forecastsOf);
  const folder = data === null ? null : join(data, 'cloudwalk');
  const real = folder !== null && existsSync(folder) ? await forecastsOfFile(folder) : [];
  return {
    title: 'Forecast',
    about: `Expected counts of five minutes, so far ahead, made every ${EVERY_MINUTES} minutes. ${seeds.length} companies of ${MERCHANTS} merchants in which nothing breaks (seeds forecast-1 and on), ${DAYS} days with a weekend of which the first ${LEARN_DAYS} are learnt; the labelled stream (CloudWalk) outside its labelled windows, from its second day on. Steps that say \`learning\` are left out and counted. Error: sum of absolute errors over the sum of counts; naive: the mean of the last hour goes on. Bands of whole numbers hold a little more than they say where counts are small.`,
    figures: [
      ...figuresOf('forecast', 'simulated fleet', simulated),
      ...(real.length > 0 ? figuresOf('forecast.real', 'CloudWalk', real) : []),
    ],
    tables: [
      { title: 'Simulated companies, by node', rows: tableOf(simulated) },
      ...(real.length > 0 ? [{ title: 'CloudWalk, by node', rows: tableOf(real) }] : []),
    ],
  };
}

const FLEET_NODES: readonly { readonly name: string; readonly slice: Slice }[] = [
  { name: 'fleet', slice: {} },
  { name: 'approved', slice: { status: 'approved' } },
  { name: 'denied', slice: { status: 'denied' } },
  { name: 'reversed', slice: { status: 'reversed' } },
];

function forecastsOf(seed: string): Forecasted[] {
  const company = createCompany({ seed, merchants: MERCHANTS });
  const merchant = (rank: number, name: string) => ({ name, slice: { merchant_id: company.merchants[rank]?.id ?? '' } });
  const nodes = [
    ...FLEET_NODES,
    { name: 'code 51', slice: { auth_code: '51' } },
    merchant(0, 'largest merchant'),
    merchant(11, 'smallest merchant'),
  ];
  const options = { seed, start: Date.UTC(2026, 2, 2, 3), minutes: DAYS * 1440, timeZone: 'America/Sao_Paulo', company };
  return runForecasts(createDefaultDetector(), simulatedWindows(options), { nodes, from: LEARN_DAYS * 1440, every: EVERY_MINUTES });
}

async function forecastsOfFile(folder: string): Promise<Forecasted[]> {
  const { windows, isLabelled } = await cloudwalkWindows(folder);
  const nodes = FLEET_NODES;
  return runForecasts(createDefaultDetector(), windows, { nodes, from: 1440, every: 7, isUsual: (minute) => !isLabelled(minute) });
}

const share = (list: readonly Forecasted[], test: (one: Forecasted) => boolean): number => list.filter(test).length / list.length;

const errorOf = (list: readonly Forecasted[], of: 'expected' | 'naive'): number =>
  list.reduce((sum, one) => sum + Math.abs(one[of] - one.actual), 0) /
  Math.max(
    1,
    list.reduce((sum, one) => sum + one.actual, 0),
  );

function figuresOf(id: string, name: string, all: readonly Forecasted[]): Figure[] {
  return HORIZONS.flatMap((horizon): Figure[] => {
    const list = all.filter((one) => one.horizon === horizon && one.node === 'fleet');
    const known = list.filter(({ learning }) => !learning);
    if (known.length === 0) return [];
    const off = (inside: number, nominal: number): number => Math.abs(100 * inside - nominal);
    const [in80, in99] = [share(known, (one) => one.in80), share(known, (one) => one.in99)];
    const count = `${known.length} forecasts, ${list.length - known.length} more were learning`;
    return [
      {
        id: `${id}.off_80_${horizon}`,
        name: `${name}, ${horizon} min ahead: coverage of the 80 % band off by`,
        value: off(in80, 80),
        unit: 'points',
        better: 'lower',
        note: `${percent(in80)}; ${count}`,
      },
      {
        id: `${id}.off_99_${horizon}`,
        name: `${name}, ${horizon} min ahead: coverage of the 99 % band off by`,
        value: off(in99, 99),
        unit: 'points',
        better: 'lower',
        note: percent(in99),
      },
      {
        id: `${id}.error_${horizon}`,
        name: `${name}, ${horizon} min ahead: relative error`,
        value: 100 * errorOf(known, 'expected'),
        unit: '%',
        better: 'lower',
        note: `naive ${percent(errorOf(known, 'naive'))}`,
      },
    ];
  });
}

function tableOf(all: readonly Forecasted[]): string[][] {
  const rows = HORIZONS.flatMap((horizon) =>
    [...new Set(all.map(({ node }) => node))].map((node) => {
      const list = all.filter((one) => one.horizon === horizon && one.node === node);
      const known = list.filter(({ learning }) => !learning);
      if (known.length === 0) return [`${horizon} min`, node, '0', '-', '-', '-', '-', percent(1)];
      const shares = [
        share(known, (one) => one.in80),
        share(known, (one) => one.in99),
        errorOf(known, 'expected'),
        errorOf(known, 'naive'),
      ];
      return [`${horizon} min`, node, show(known.length), ...shares.map(percent), percent(share(list, ({ learning }) => learning))];
    }),
  );
  return [['ahead', 'node', 'forecasts', 'in the 80 % band', 'in the 99 % band', 'error', 'naive error', 'learning'], ...rows];
}
