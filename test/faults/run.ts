// Faults on real Kafka, PostgreSQL and Redis, a process a role, while traffic comes: npm run test:faults -- [--only a,b] [--seed 7]
// [--seconds 25] [--rate 2500] [--list], or a whole day of a company with kills in it: --day <merchants> [--records 1000000]. Same seed, same traffic. Ends with 1 when something that was accepted is not stored and counted
// once, or an anomaly is lost or doubled. docs/reliability.md has the figures.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startCluster, type Cluster } from './cluster.ts';
import { runDay } from './day.ts';
import { incidentOf, sendQuietMinutes, startLoad, type Load } from './load.ts';
import { FAULT_AT, SCENARIOS, type Scenario } from './scenarios.ts';
import { checkAnomalies, checkStored, countedOf, deadLettersOf, type Incident } from './verdict.ts';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-03-10T12:00:00Z');
const LOOK_MS = 250;
const QUIET_MINUTES = 240;
/** Minutes of event time in a load of the length that was asked for. */
const LOAD_MINUTES = 75;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '25' },
    rate: { type: 'string', default: '2500' },
    list: { type: 'boolean', default: false },
    day: { type: 'string' },
    records: { type: 'string', default: '1000000' },
    logs: { type: 'boolean', default: false },
  },
});

interface Figures {
  readonly name: string;
  readonly accepted: number;
  readonly pauseMs: number;
  readonly faultMs: number;
  readonly recoveryMs: number;
  readonly worstBacklog: number;
  readonly wrong: readonly string[];
  readonly note: string;
}

function chosen(): readonly Scenario[] {
  if (values.only === undefined) return SCENARIOS;
  const names = values.only.split(',');
  const unknown = names.filter((name) => !SCENARIOS.some((one) => one.name === name));
  if (unknown.length > 0)
    throw new Error(`There is no fault "${unknown.join('", "')}"; there are: ${SCENARIOS.map(({ name }) => name).join(', ')}.`);
  return SCENARIOS.filter(({ name }) => names.includes(name));
}

/** Looks how much is accepted and not counted, until it is told to stop. */
function watchBacklog(cluster: Cluster, before: number, load: Load) {
  let worst = 0;
  let mendedAt: number | undefined;
  let recoveredAt: number | undefined;
  let isOver = false;
  const run = async (): Promise<void> => {
    while (!isOver) {
      const counted = await countedOf(cluster).catch(() => undefined);
      if (counted !== undefined) {
        const backlog = before + load.accepted() - counted;
        worst = Math.max(worst, backlog);
        if (mendedAt !== undefined && backlog <= 2 * rate) recoveredAt ??= performance.now();
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  };
  const running = run();
  return {
    mended: () => (mendedAt = performance.now()),
    async stop() {
      while (recoveredAt === undefined && performance.now() - (mendedAt ?? 0) < 300_000)
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      isOver = true;
      await running;
      return { worst, recoveryMs: (recoveredAt ?? Number.POSITIVE_INFINITY) - (mendedAt ?? 0) };
    },
  };
}

/** Where a load begins: after the others in event time, and with what was accepted before it. */
interface Place {
  readonly index: number;
  readonly start: number;
  readonly before: number;
}

const rate = Number(values.rate);
const perMinute = Math.ceil((rate * Number(values.seconds)) / LOAD_MINUTES);
const minutesOf = ({ seconds: least = 0 }: Scenario): number => Math.max(LOAD_MINUTES, Math.ceil((rate * least) / perMinute));

async function runScenario(cluster: Cluster, scenario: Scenario, place: Place): Promise<Figures> {
  const minutes = minutesOf(scenario);
  const records = minutes * perMinute;
  const name = `s${place.index}`;
  const lettersBefore = scenario.deadLetters === undefined ? 0 : await deadLettersOf(cluster);
  const load = startLoad(cluster, {
    ...{ name, seed: Number(values.seed) * 1000 + place.index, start: place.start, minutes, perMinute, rate },
    ...(scenario.copies === undefined ? {} : { copies: scenario.copies }),
  });
  const backlog = watchBacklog(cluster, place.before, load);
  while (load.accepted() < records * (scenario.at ?? FAULT_AT)) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  const wrong: string[] = [];
  const faultAt = performance.now();
  const note = await scenario.run(cluster).catch((error: unknown) => {
    wrong.push(String(error));
    return '';
  });
  const faultMs = performance.now() - faultAt;
  backlog.mended();
  await load.done;
  const { worst, recoveryMs } = await backlog.stop();
  wrong.push(...(await checkStored(cluster, { name, records, total: place.before + records })));
  if (scenario.deadLetters !== undefined) {
    const letters = (await deadLettersOf(cluster)) - lettersBefore;
    if (letters !== scenario.deadLetters) wrong.push(`${letters} dead letters, expected were ${scenario.deadLetters}`);
  }
  for (const { name: one, output } of cluster.crashed()) wrong.push(`${one} ended by itself: ${output().slice(-500)}`);
  const { unanswered, refused, withoutRetryAfter } = load.failures();
  if (withoutRetryAfter > 0) wrong.push(`${withoutRetryAfter} answers of 503 without Retry-After`);
  const failures = unanswered + refused === 0 ? '' : `${unanswered} batches without an answer and ${refused} refused were sent again`;
  return {
    ...{ name: scenario.name, accepted: records, pauseMs: load.longestPauseMs(), faultMs, recoveryMs, worstBacklog: worst, wrong },
    note: [note, failures].filter((text) => text !== '').join('; '),
  };
}

const seconds = (ms: number): string => (Number.isFinite(ms) ? (ms / 1000).toFixed(1) : 'never');

function print(figures: Figures): void {
  const { name, accepted, faultMs, recoveryMs, pauseMs, worstBacklog, note, wrong } = figures;
  const cells = [
    name,
    accepted,
    seconds(faultMs),
    seconds(recoveryMs),
    seconds(pauseMs),
    worstBacklog,
    wrong.length === 0 ? 'held' : 'BROKEN',
    note,
  ];
  console.log(`| ${cells.join(' | ')} |`);
  for (const text of wrong) console.log(`  broken: ${text}`);
}

async function main(): Promise<void> {
  if (values.list) {
    for (const { name, says } of SCENARIOS) console.log(`${name.padEnd(20)} ${says}`);
    return;
  }
  const scenarios = chosen();
  const begin = performance.now();
  const cluster = await startCluster(Number(values.seed));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void cluster.stop().finally(() => process.exit(1)));
  console.log(
    `seed ${values.seed}, ${values.rate} records/s, ${cpus().length} cores (${cpus()[0]?.model}), load average ${loadavg()[0]?.toFixed(1)}`,
  );
  try {
    const isBroken = values.day === undefined ? await runScenarios(cluster, scenarios) : await runWholeDay(cluster, Number(values.day));
    console.log(
      `${Math.round((performance.now() - begin) / 1000)} s, load average ${loadavg()[0]?.toFixed(1)}: ${isBroken ? 'BROKEN' : 'all promises held'}`,
    );
    if (isBroken) process.exitCode = 1;
  } finally {
    if (values.logs)
      for (const role of ['api', 'window', 'detect', 'alert', 'data'] as const)
        for (const one of cluster.of(role)) console.log(`--- ${one.name}\n${one.output().slice(-6000)}`);
    await cluster.stop();
  }
}

async function runWholeDay(cluster: Cluster, merchants: number): Promise<boolean> {
  const wrong = await runDay(cluster, { seed: values.seed, merchants, records: Number(values.records), rate });
  for (const text of wrong) console.log(`  broken: ${text}`);
  return wrong.length > 0;
}

/** True when a promise was broken. */
async function runScenarios(cluster: Cluster, scenarios: readonly Scenario[]): Promise<boolean> {
  console.log(
    '| fault | accepted | fault s | recovery s | longest pause s | worst backlog | promises | notes |\n|---|---|---|---|---|---|---|---|',
  );
  const results: Figures[] = [];
  const incidents: Incident[] = [];
  let total = 0;
  let start = START + QUIET_MINUTES * MINUTE_MS;
  const [api] = cluster.of('api');
  if (api === undefined) throw new Error('there is no API');
  const quiet = await sendQuietMinutes(api, { start: START, minutes: QUIET_MINUTES, perMinute, seed: Number(values.seed) });
  for (const [index, scenario] of scenarios.entries()) {
    const figures = await runScenario(cluster, scenario, { index, start, before: quiet + total });
    total += figures.accepted;
    const { from, to } = incidentOf(minutesOf(scenario));
    const times = { from: start + from * MINUTE_MS, to: start + to * MINUTE_MS };
    incidents.push({ name: scenario.name, ...times, isFromBacklog: scenario.isBacklog === true });
    start += minutesOf(scenario) * MINUTE_MS;
    results.push(figures);
    print(figures);
  }
  const { wrong, notes } = await checkAnomalies(cluster, incidents, start);
  console.log(
    `${total} accepted; ${incidents.length} incidents in the traffic: ${wrong.length > 0 ? '' : `each made one anomaly, and the receiver heard of its start and end${notes.length > 0 ? ', but for' : ''}`}`,
  );
  for (const text of notes) console.log(`  ${text}`);
  for (const text of wrong) console.log(`  broken: ${text}`);
  return wrong.length > 0 || results.some((one) => one.wrong.length > 0);
}

await main();
