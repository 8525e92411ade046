import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { MINUTE_MS } from '../src/clock.ts';
import { createCompany } from '../src/simulate/company.ts';
import { INCIDENT_TYPES, planIncidents, type SimulatedIncident } from '../src/simulate/incidents.ts';
import { quantile, type BenchContext, type BenchResult } from './bench.ts';
import { createDefaultDetector } from './scorecard/data-files.ts';
import { createAnomalyList, windowsOfRecords } from './scorecard/simulated-windows.ts';

const MINUTES = 1440;
const START = Date.parse('2026-03-10T03:00:00Z');
const TIME_ZONE = 'America/Sao_Paulo';
/** What opens so long after an incident still belongs to it. */
const AFTER_MS = 15 * MINUTE_MS;

/** The day that `npm run test:faults -- --day` plays through real servers, through the detector alone: what it says of the simulator's incidents. */
export function run({
  quick,
  merchants = quick ? 1000 : 10_000,
  rows = quick ? 100_000 : 1_000_000,
  seed = '1',
}: BenchContext): Promise<readonly BenchResult[]> {
  const company = createCompany({ seed, merchants });
  const end = START + MINUTES * MINUTE_MS;
  const incidents = planIncidents(company, { seed, start: START, end, types: INCIDENT_TYPES, everyMinutes: 90 });
  const volume = rows / (MINUTES * company.merchants.reduce((sum, one) => sum + one.rate, 0));
  const detector = createDefaultDetector();
  const list = createAnomalyList();
  let records = 0;
  const traffic = { seed, start: START, minutes: MINUTES, timeZone: TIME_ZONE, company, incidents, volume };
  for (const minute of windowsOfRecords(traffic)) {
    records += minute.records;
    list.add(detector.step(minute.window).events);
  }
  return Promise.resolve(figures(incidents, list.all(), { merchants, records, seed }));
}

function figures(
  incidents: readonly SimulatedIncident[],
  anomalies: readonly Anomaly[],
  of: { readonly merchants: number; readonly records: number; readonly seed: string },
): readonly BenchResult[] {
  const timeOf = ({ detected_at }: Anomaly): number => Date.parse(detected_at);
  const told = incidents.map((incident) => {
    const own = anomalies.filter((anomaly) => timeOf(anomaly) >= incident.start && timeOf(anomaly) < incident.end + AFTER_MS);
    const delay = Math.min(...own.map((anomaly) => (timeOf(anomaly) - incident.start) / MINUTE_MS));
    return { incident, own, delay, isFound: own.some((anomaly) => timeOf(anomaly) < incident.end) };
  });
  const wanted = told.filter(({ incident }) => incident.detect);
  const inside = new Set(wanted.flatMap(({ own }) => own));
  const found = wanted.filter(({ isFound }) => isFound);
  const missed = wanted.filter(({ isFound }) => !isFound).map(({ incident }) => incident.type);
  const byType = [...Map.groupBy(anomalies, ({ type, node }) => `${type} of ${node.merchant_id === undefined ? 'all' : 'a merchant'}`)];
  const least = { unit: '', better: 'lower' } as const;
  return [
    {
      name: 'anomalies of the day',
      value: anomalies.length,
      ...least,
      details: { ...of, ...Object.fromEntries(byType.map(([what, all]) => [what, all.length])) },
    },
    { name: 'critical ones', value: anomalies.filter(({ severity }) => severity === 'critical').length, ...least },
    { name: 'outside of every incident', value: anomalies.filter((anomaly) => !inside.has(anomaly)).length, ...least, goal: 1 },
    { name: 'most of one incident', value: Math.max(0, ...told.map(({ own }) => own.length)), ...least },
    {
      name: 'incidents found',
      value: found.length,
      unit: `of ${wanted.length}`,
      better: 'higher',
      details: missed.length === 0 ? {} : { missed: missed.join(', ') },
    },
    {
      name: 'delay, median',
      value: quantile(
        found.map(({ delay }) => delay),
        0.5,
      ),
      unit: 'min',
      better: 'lower',
    },
  ];
}
