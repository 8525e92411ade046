import { INCIDENT_TYPES } from '../../src/simulate/incidents.ts';
import { percent, show, type Figure, type Section, type SectionOptions } from './figure.ts';
import { runMenu, type Judged, type MenuRun } from './menu-study.ts';
import { median } from './score-windows.ts';
import { sliceFigures } from './slice-figures.ts';

const LEARN_DAYS = 3;
const DAYS = 3;
const MERCHANTS = 40;

/** The whole menu of incidents of the simulator. */
export async function makeSection({ full }: SectionOptions): Promise<Section | null> {
  const seeds = Array.from({ length: full ? 40 : 6 }, (_, index) => `menu-${index + 1}`);
  const runs = seeds.map((seed) => runMenu({ seed, merchants: MERCHANTS, learnDays: LEARN_DAYS, days: DAYS }));
  const judged = runs.flatMap((run) => run.judged);
  const rows = INCIDENT_TYPES.map((type) =>
    typeRow(
      type,
      judged.filter(({ incident }) => incident.type === type),
    ),
  );
  const falseOnes = Map.groupBy(
    runs.flatMap((run) => run.falseOnes),
    ({ type, node }) => `${type} of ${node.kind}`,
  );
  const slices = sliceFigures(full);
  return {
    title: 'Incidents of the simulator',
    about: `${seeds.length} companies (seeds menu-1 to menu-${seeds.length}) of ${MERCHANTS} merchants and 3 acquirers with daily and weekly curves, late rows and drift; ${LEARN_DAYS} days to learn, ${DAYS} days with an incident about every two and a half hours, day and night. The cause is named when the first anomaly names the slice that broke. Then companies of 12 merchants and some 100 single transactions a minute, in which one slice breaks: one day to learn, one with an incident about every 75 minutes.`,
    figures: [...menuFigures('menu', runs), ...slices.figures],
    tables: [
      {
        title: 'By type',
        rows: [['type', 'incidents', 'caught', 'median delay', 'longest delay', 'cause named', 'anomalies an incident'], ...rows],
      },
      { title: 'Slices that break', rows: slices.rows },
      {
        title: 'False anomalies between incidents',
        rows: [['what', 'how many'], ...[...falseOnes].map(([what, list]) => [what, String(list.length)])],
      },
    ],
  };
}

/** The figures of some runs; `id` starts their ids. */
export function menuFigures(id: string, runs: readonly MenuRun[]): Figure[] {
  const judged = runs.flatMap((run) => run.judged);
  const bad = judged.filter(({ incident }) => incident.detect);
  const caught = bad.filter(({ delay }) => delay !== null);
  const quick = caught.filter(({ incident }) => incident.type !== 'slow_decay');
  const good = judged.filter(({ incident }) => !incident.detect);
  const falseOnes = runs.reduce((sum, run) => sum + run.falseOnes.length, 0);
  const merchantDays = runs.reduce((sum, run) => sum + run.days * run.merchants, 0);
  const unnamed = Map.groupBy(
    caught.filter(({ isNamed }) => !isNamed),
    ({ incident }) => incident.type,
  );
  return [
    {
      id: `${id}.hit_rate`,
      name: 'incidents caught',
      value: (100 * caught.length) / bad.length,
      unit: '%',
      better: 'higher',
      note: `${caught.length} of ${bad.length}`,
    },
    { id: `${id}.median_delay`, name: 'delay of sudden incidents, median', value: medianDelay(quick), unit: 'min', better: 'lower' },
    {
      id: `${id}.named`,
      name: 'cause named by the first anomaly',
      value: (100 * caught.filter(({ isNamed }) => isNamed).length) / caught.length,
      unit: '%',
      better: 'higher',
      goal: 95,
      note: [...unnamed].map(([type, list]) => `${type}: ${list.length} not named`).join(', '),
    },
    {
      id: `${id}.promotion_alarms`,
      name: 'promotions (7 x) that raised an alarm',
      value: good.filter(({ opened }) => opened > 0).length,
      unit: `of ${good.length}`,
      better: 'lower',
      goal: 0,
    },
    {
      id: `${id}.false`,
      name: 'false anomalies between incidents',
      value: falseOnes / merchantDays,
      unit: 'a merchant-day',
      better: 'lower',
      note: `${falseOnes} in ${merchantDays} merchant-days, fleet and acquirers included`,
    },
  ];
}

const delaysOf = (judged: readonly Judged[]): number[] => judged.map(({ delay }) => delay).filter((delay) => delay !== null);
const medianDelay = (judged: readonly Judged[]): number => median(delaysOf(judged)) ?? Number.NaN;

function typeRow(type: string, judged: readonly Judged[]): string[] {
  const delays = delaysOf(judged);
  const named = judged.filter(({ isNamed }) => isNamed).length;
  const opened = judged.reduce((sum, one) => sum + one.opened, 0);
  const caught = type === 'promotion' ? `${judged.filter((one) => one.opened > 0).length} alarms (none wanted)` : String(delays.length);
  const isGood = type === 'promotion' || delays.length === 0;
  return [
    type,
    String(judged.length),
    caught,
    show(medianDelay(judged)),
    delays.length > 0 ? String(Math.max(...delays)) : '-',
    isGood ? '-' : percent(named / delays.length),
    show(opened / judged.length),
  ];
}
