import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../e2e/product.ts';
import { mountSmallDisk } from '../e2e/small-disk.ts';
import { SHARDS, type Cluster, type Role, type RoleProcess } from './cluster.ts';

/** What goes wrong while the load runs. */
export interface Scenario {
  readonly name: string;
  readonly says: string;
  /** Makes the fault and mends it. Resolves when it is mended, with what is worth a note. Throws what the product must not do. */
  readonly run: (cluster: Cluster) => Promise<string>;
  /** Part of the load that is accepted when it begins (default `FAULT_AT`). */
  readonly at?: number;
  /** How long the load lasts at least, in seconds; default: as asked for. */
  readonly seconds?: number;
  /** How often each batch is sent (default 1). */
  readonly copies?: number;
  /** Makes a backlog in which the incident of the load may begin and end. */
  readonly isBacklog?: boolean;
  /** Records that must be in the dead-letter topic afterwards. */
  readonly deadLetters?: number;
}

/** Before the incident of the load, and in the middle of it. */
export const FAULT_AT = 0.3;
const IN_INCIDENT = 0.59;
const AWAY_MS = 60_000;
const SUPERVISED_MS = 500;

/** Ends a process as a power cut does and starts it again on its data directory, as a supervisor does. */
async function replace(cluster: Cluster, victim: RoleProcess | undefined): Promise<string> {
  if (victim === undefined) throw new Error('there is no process to kill');
  await victim.end('SIGKILL');
  await sleep(SUPERVISED_MS);
  await cluster.start(victim.role, { dataDir: victim.dataDir });
  return victim.name;
}

/** Stops a process in good order and starts it again. Throws when it does not end with 0. */
async function restart(cluster: Cluster, process: RoleProcess): Promise<void> {
  const code = await process.end('SIGTERM');
  if (code !== 0) throw new Error(`${process.name} ended with ${code} after SIGTERM:\n${process.output().slice(-2000)}`);
  const next = await cluster.start(process.role, { dataDir: process.dataDir });
  if (process.role !== 'api') return;
  await waitFor(async () => ((await fetch(`${next.address}/ready`).catch(() => undefined))?.ok === true ? true : undefined));
}

const kill = (role: Role, says: string): Scenario => ({
  name: `kill-${role}`,
  says,
  run: (cluster) => replace(cluster, cluster.of(role)[0]),
});

const killHolder = (role: Role, says: string, at = FAULT_AT): Scenario => ({
  name: `kill-${role}`,
  says,
  at,
  async run(cluster) {
    const victim = await cluster.holder(role);
    const killed = await replace(cluster, victim);
    const at = performance.now();
    const heir = await cluster.holder(role);
    return `${killed} killed; ${heir.name} had the role ${Math.round(performance.now() - at)} ms after the restart`;
  },
});

const away = (server: 'kafka' | 'postgres' | 'redis', kind: 'cut' | 'silent', says: string): Scenario => ({
  name: `${server}-${kind}`,
  says,
  seconds: AWAY_MS / 1000 + 20,
  isBacklog: server !== 'redis',
  async run(cluster) {
    cluster[server].way.set({ kind });
    await sleep(AWAY_MS);
    const held = await spooled(cluster);
    cluster[server].way.set(null);
    return server === 'kafka' ? `${held} records spooled at the end` : '';
  },
});

const slow = (server: 'kafka' | 'postgres', delayMs: number, loss: number, says: string): Scenario => ({
  name: `${server}-slow`,
  says,
  async run(cluster) {
    cluster[server].way.set({ kind: 'slow', delayMs, loss });
    await sleep(15_000);
    cluster[server].way.set(null);
    return '';
  },
});

/** Process ids of the shards of the active detector, all of them. */
const shardsOf = (active: RoleProcess): Promise<readonly number[]> =>
  waitFor(async () => {
    const pids = await active.children();
    return pids.length === SHARDS ? pids : undefined;
  });

/** What `/health` of an API says of a part that is not well; undefined while none of those has that to say. */
async function partOf(cluster: Cluster, name: RegExp, detail: RegExp): Promise<string | undefined> {
  const [api] = cluster.of('api');
  const answer = (await (await fetch(`${api?.address}/health`)).json()) as { checks: Record<string, { status: string; detail?: string }> };
  const found = Object.entries(answer.checks).find(([part, check]) => name.test(part) && detail.test(check.detail ?? ''));
  return found === undefined ? undefined : `${found[0]} ${found[1].detail}`;
}

/** Whether the receiver has heard that, since so many messages. */
const heard = (cluster: Cluster, since: number, alertname: string, status: string): true | undefined =>
  cluster.receiver.bodies
    .slice(since)
    .some(({ alerts }) => alerts.some((one) => one.status === status && one.labels['alertname'] === alertname))
    ? true
    : undefined;

/** Records in the spools of all APIs. */
async function spooled(cluster: Cluster): Promise<number> {
  const pages = await Promise.all(cluster.of('api').map(async (api) => (await fetch(`${api.address}/metrics`)).text()));
  return pages.reduce((sum, page) => sum + Number(/^guardian_spool_records (\d+)$/m.exec(page)?.[1] ?? 0), 0);
}

const POISON = [
  '{"status":"lost","merchant_id":"m-1"}',
  '{"status":',
  '',
  '[]',
  '{"status":"approved","amount":-1}',
  '{"status":"approved","surprise":true}',
  '\u0000\u0001\u0002',
  '{"status":"approved","timestamp":"yesterday"}',
];

async function producePoison(cluster: Cluster): Promise<void> {
  const flags = ['-b', cluster.kafka.address, '-t', `${cluster.topicPrefix}guardian.transactions`, '-P', '-K', '\t'];
  const kcat = spawn('kcat', flags, { stdio: ['pipe', 'ignore', 'inherit'] });
  kcat.stdin.end(POISON.map((line, index) => `m-${index}\t${line}\n`).join(''));
  const [code] = (await once(kcat, 'exit')) as [number];
  if (code !== 0) throw new Error(`kcat ended with ${code}`);
}

const STANDS_STILL = 'GuardianDetectionStandsStill';

const restartWithout = (servers: readonly ('kafka' | 'postgres')[], says: string, seconds: number): Scenario => ({
  name: `${servers.join('-')}-cut-restart`,
  says: `${says} while every process with the roles data and alert is killed and started again: the receiver hears of the outage`,
  seconds,
  isBacklog: true,
  async run(cluster) {
    const before = cluster.receiver.bodies.length;
    for (const server of servers) cluster[server].way.set({ kind: 'cut' });
    for (const victim of [...cluster.of('data'), ...cluster.of('alert')]) await replace(cluster, victim);
    const at = performance.now();
    await waitFor(async () => heard(cluster, before, STANDS_STILL, 'firing'));
    const after = Math.round((performance.now() - at) / 1000);
    for (const server of servers) cluster[server].way.set(null);
    await waitFor(async () => heard(cluster, before, STANDS_STILL, 'resolved'));
    return `the receiver heard of it after ${after} s, and of its end`;
  },
});

/** All of them, in the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'none', says: 'nothing goes wrong', run: async () => '' },
  kill('api', 'kill -9 of one API of two'),
  kill('window', 'kill -9 of one window worker of two'),
  killHolder('detect', 'kill -9 of the active detector in the middle of an incident, with a standby', IN_INCIDENT),
  {
    name: 'kill-standby',
    says: 'kill -9 of the detector that stands by, in the middle of an incident',
    at: IN_INCIDENT,
    async run(cluster) {
      const active = await cluster.holder('detect');
      const killed = await replace(
        cluster,
        cluster.of('detect').find((one) => one !== active),
      );
      return `${killed} killed; ${(await cluster.holder('detect')).name} has the role`;
    },
  },
  {
    name: 'kill-shard',
    says: `kill -9 of one of the ${SHARDS} shards of the active detector, in the middle of an incident`,
    at: IN_INCIDENT,
    async run(cluster) {
      const active = await cluster.holder('detect');
      const before = await shardsOf(active);
      const [victim = 0] = before;
      process.kill(victim, 'SIGKILL');
      const at = performance.now();
      await waitFor(async () => {
        const now = await shardsOf(active).catch(() => []);
        return now.every((pid) => pid !== victim) ? true : undefined;
      });
      return `shard ${victim} of ${active.name} killed; another one in its place after ${Math.round(performance.now() - at)} ms`;
    },
  },
  {
    name: 'stop-shard',
    says: 'one shard of the active detector stands still (SIGSTOP) in the middle of an incident, until it is replaced',
    at: IN_INCIDENT,
    isBacklog: true,
    seconds: 30,
    async run(cluster) {
      const active = await cluster.holder('detect');
      const [victim = 0] = await shardsOf(active);
      process.kill(victim, 'SIGSTOP');
      const at = performance.now();
      const named = await waitFor(() => partOf(cluster, /^shard:/, /^(?:behind|replaced)/).catch(() => undefined));
      const namedS = Math.round((performance.now() - at) / 1000);
      await waitFor(async () => ((await shardsOf(await cluster.holder('detect'))).includes(victim) ? undefined : true));
      const heir = await cluster.holder('detect');
      return `/health after ${namedS} s: ${named}; replaced after ${Math.round((performance.now() - at) / 1000)} s, ${active === heir ? 'by the same detector' : `${heir.name} has the role`}`;
    },
  },
  killHolder('alert', 'kill -9 of the alerter'),
  killHolder('data', 'kill -9 of the relay'),
  {
    name: 'kill-kafka',
    says: 'kill -9 of the broker, which starts again at once',
    async run({ kafka }) {
      await kafka.kill();
      await kafka.start();
      return '';
    },
  },
  {
    name: 'kill-postgres',
    says: 'every process of the database ends at once, and it starts again',
    async run({ postgres }) {
      await postgres.kill();
      await postgres.start();
      return '';
    },
  },
  {
    name: 'kill-redis',
    says: 'kill -9 of Redis, which is back empty after 5 s',
    async run({ redis }) {
      await redis.kill();
      await sleep(5000);
      await redis.start();
      return '';
    },
  },
  away('kafka', 'cut', 'the broker refuses connections for 60 s'),
  away('kafka', 'silent', 'the network to the broker swallows everything for 60 s'),
  {
    name: 'kafka-cut-kill-api',
    says: 'the broker is away for 15 s, and in the middle of it every API is killed',
    seconds: 30,
    isBacklog: true,
    async run(cluster) {
      cluster.kafka.way.set({ kind: 'cut' });
      await sleep(8000);
      const held = await spooled(cluster);
      for (const api of cluster.of('api')) await replace(cluster, api);
      await sleep(7000);
      cluster.kafka.way.set(null);
      return `${held} records spooled when the APIs were killed`;
    },
  },
  restartWithout(['kafka'], 'the broker is away', 60),
  away('postgres', 'cut', 'the database refuses connections for 60 s'),
  restartWithout(['postgres'], 'the database is away', 140),
  restartWithout(['kafka', 'postgres'], 'broker and database are away', 80),
  away('postgres', 'silent', 'the network to the database swallows everything for 60 s'),
  slow('kafka', 20, 0.02, 'the broker is 20 ms further away, each way, and 2 % of the packets are lost, for 15 s'),
  slow('postgres', 50, 0, 'the database is 50 ms further away, each way, for 15 s'),
  {
    name: 'spool-full',
    says: 'the broker is away, and the disk of the spool of one API fills up to the last byte',
    seconds: 40,
    isBacklog: true,
    async run(cluster) {
      const [api] = cluster.of('api');
      if (api === undefined) throw new Error('there is no API');
      await api.end('SIGTERM');
      const disk = await mountSmallDisk(api.dataDir, 24);
      if (disk === undefined) return 'NOT RUN: this user may not mount a small disk';
      try {
        const small = await cluster.start('api', { dataDir: api.dataDir });
        await waitFor(async () => ((await fetch(`${small.address}/ready`).catch(() => undefined))?.ok === true ? true : undefined));
        await disk.fill(400_000);
        cluster.kafka.way.set({ kind: 'cut' });
        const refused = await waitFor(async () => {
          const page = await (await fetch(`${small.address}/metrics`)).text();
          const records = Number(/^guardian_spool_refused_records_total (\d+)$/m.exec(page)?.[1] ?? 0);
          return records > 0 ? records : undefined;
        });
        await sleep(3000);
        cluster.kafka.way.set(null);
        await waitFor(async () => ((await spooled(cluster)) === 0 ? true : undefined));
        await disk.clear();
        await small.end('SIGTERM');
        return `${refused} records were refused with 503 by the first look`;
      } finally {
        cluster.kafka.way.set(null);
        disk.unmount();
        await cluster.start('api', { dataDir: `${api.dataDir}-next` });
      }
    },
  },
  {
    name: 'rebalance',
    says: 'a third window worker joins, leaves, joins and is killed, in the middle of batches',
    async run(cluster) {
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        const third = await cluster.start('window');
        await sleep(4000);
        await third.end(signal);
      }
      return '';
    },
  },
  { name: 'thrice', says: 'each batch is sent three times at once, to both APIs', copies: 3, run: async () => '' },
  {
    name: 'poison',
    says: `${POISON.length} records that break the rules come from another program, in the middle of the others`,
    deadLetters: POISON.length,
    async run(cluster) {
      await producePoison(cluster);
      return '';
    },
  },
  {
    name: 'clock-jump',
    says: 'the wall clock of all processes jumps an hour ahead, then two back, then is right',
    async run(cluster) {
      for (const offset of [3_600_000, -3_600_000, 0]) {
        await cluster.setClock(offset);
        await sleep(4000);
      }
      return '';
    },
  },
  {
    name: 'sigterm-api',
    says: 'SIGTERM of one API under load',
    async run(cluster) {
      const [api] = cluster.of('api');
      if (api !== undefined) await restart(cluster, api);
      return '';
    },
  },
  {
    name: 'rolling',
    says: 'every process is stopped and started again, one after the other',
    async run(cluster) {
      const all = (['api', 'window', 'detect', 'alert', 'data'] as const).flatMap((role) => cluster.of(role));
      for (const process of all) await restart(cluster, process);
      return `${all.length} processes`;
    },
  },
];
