import { createCompany } from '../../src/simulate/company.ts';
import { INCIDENT_TYPES, planIncidents } from '../../src/simulate/incidents.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { waitFor } from '../e2e/product.ts';
import type { Cluster } from './cluster.ts';
import { send } from './load.ts';
import { SCENARIOS } from './scenarios.ts';
import { checkStored } from './verdict.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
const START = Date.parse('2026-03-10T03:00:00Z');
const TIME_ZONE = 'America/Sao_Paulo';
/** Minutes that are sent beside each other. */
const AT_ONCE = 5;
const WORKERS = 4;
const LOOK_MS = 250;
const PATIENCE_MS = 900_000;

/** What goes wrong in the day, when so much of it is accepted. */
const FAULTS: readonly (readonly [number, string])[] = [
  [0.2, 'kill-window'],
  [0.35, 'kill-api'],
  [0.5, 'kill-detect'],
  [0.6, 'kill-alert'],
  [0.7, 'kill-kafka'],
  [0.85, 'kill-postgres'],
];

export interface DayOptions {
  readonly seed: string;
  readonly merchants: number;
  /** Transactions of the day, about. */
  readonly records: number;
  /** Records a second at most. */
  readonly rate: number;
}

/** A day of a simulated company through two APIs, four window workers and a detector, with kills in it. Prints what happened; returns what is
 *  not as the simulator made it. */
export async function runDay(cluster: Cluster, { seed, merchants, records, rate }: DayOptions): Promise<readonly string[]> {
  while (cluster.of('window').length < WORKERS) await cluster.start('window');
  const company = createCompany({ seed, merchants });
  const plan = { seed, start: START, end: START + DAY_MINUTES * MINUTE_MS, types: INCIDENT_TYPES, everyMinutes: 90 };
  const incidents = planIncidents(company, plan);
  const truth = new Map<string, number>();
  const ids = new Set<string>();

  function* minutes(): Generator<string[]> {
    let lines: string[] = [];
    const volume = records / (DAY_MINUTES * company.merchants.reduce((sum, one) => sum + one.rate, 0));
    const options = { seed, start: START, minutes: DAY_MINUTES, timeZone: TIME_ZONE, form: 'records', company, incidents, volume } as const;
    for (const { minute, transactions } of simulate(options)) {
      for (const transaction of transactions) {
        lines.push(JSON.stringify(transaction));
        const { id, status, count = 1 } = transaction;
        if (id === undefined || ids.has(id)) continue;
        ids.add(id);
        truth.set(status, (truth.get(status) ?? 0) + count);
      }
      if ((minute / MINUTE_MS) % AT_ONCE !== 0) continue;
      yield lines;
      lines = [];
    }
    yield lines;
  }

  const begun = performance.now();
  const load = send(cluster, minutes(), { rate });
  const wrong: string[] = [];
  let isSent = false;
  const sent = load.done.then(() => (isSent = true));
  for (const [share, name] of FAULTS) {
    while (!isSent && load.accepted() < records * share) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const at = load.accepted();
    const note = await SCENARIOS.find((one) => one.name === name)?.run(cluster);
    console.log(`  at ${at} accepted: ${name} ${note ?? ''}`);
  }
  await sent;
  const sentS = (performance.now() - begun) / 1000;
  const total = [...truth.values()].reduce((sum, count) => sum + count, 0);
  wrong.push(...(await checkStored(cluster, { name: 'sim', records: ids.size, total })));
  const storedS = (performance.now() - begun) / 1000;
  const rows = await cluster.sql(
    "select status, sum(count)::int as n from minute_count where status <> '' group by status having sum(count) > 0",
  );
  const found = new Map(rows.map(({ status, n }) => [String(status), Number(n)]));
  for (const [status, count] of truth)
    if ((found.get(status) ?? 0) !== count) wrong.push(`${found.get(status) ?? 0} ${status} counted, the simulator made ${count}`);
  const judgedS = await untilJudged(cluster, begun).catch((error: unknown) => void wrong.push(`the day is not judged: ${String(error)}`));
  const [api] = cluster.of('api');
  const anomalies = (await api?.get<{ items: { id: string; type: string; severity: string }[] }>('/anomalies?limit=1000'))?.items ?? [];
  if (new Set(anomalies.map(({ id }) => id)).size !== anomalies.length) wrong.push('an anomaly is there twice');
  for (const { name, output } of cluster.crashed()) wrong.push(`${name} ended by itself: ${output().slice(-500)}`);
  const { unanswered, refused, withoutRetryAfter } = load.failures();
  if (withoutRetryAfter > 0) wrong.push(`${withoutRetryAfter} answers of 503 without Retry-After`);
  console.log(
    `${merchants} merchants, ${DAY_MINUTES} minutes, ${load.accepted()} rows accepted, ${ids.size} different: ${[...truth].map(([status, n]) => `${n} ${status}`).join(', ')}`,
  );
  console.log(
    `accepted in ${sentS.toFixed(0)} s (${Math.round(load.accepted() / sentS)}/s), stored and counted after ${storedS.toFixed(0)} s, judged after ${typeof judgedS === 'number' ? judgedS.toFixed(0) : '-'} s; ${unanswered} batches without an answer and ${refused} refused were sent again`,
  );
  console.log(`${incidents.length} incidents in it, ${anomalies.length} anomalies: ${countTypes(anomalies)}`);
  return wrong;
}

/** Ends the last minutes with a heartbeat. Resolves with the seconds since `begun` when all are judged. */
async function untilJudged(cluster: Cluster, begun: number): Promise<number> {
  const [api] = cluster.of('api');
  const end = START + DAY_MINUTES * MINUTE_MS;
  const at = new Date(end + 3700_000).toISOString();
  await waitFor(async () => ((await api?.post('/heartbeat', JSON.stringify({ source: 'faults', at })))?.ok === true ? true : undefined));
  const last = new Date(end - MINUTE_MS).toISOString();
  await waitFor(async () => {
    const stats = await api?.get<{ judged_until: string | null }>('/stats').catch(() => undefined);
    return typeof stats?.judged_until === 'string' && stats.judged_until >= last ? true : undefined;
  }, PATIENCE_MS);
  return (performance.now() - begun) / 1000;
}

function countTypes(anomalies: readonly { readonly type: string }[]): string {
  const groups = [...Map.groupBy(anomalies, ({ type }) => type)];
  return groups.map(([type, all]) => `${all.length} ${type}`).join(', ');
}
