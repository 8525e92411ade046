import { setTimeout as sleep } from 'node:timers/promises';
import { spawn } from 'node:child_process';
import { waitFor } from '../e2e/product.ts';
import type { Cluster } from './cluster.ts';

const MINUTE_MS = 60_000;
const DRAIN_MS = 300_000;
const HEARD_MS = 60_000;

/** A minute for its start to be seen, and the quiet ones after which an anomaly is over. */
const START_SLACK_MIN = 2;
const END_SLACK_MIN = 8;

/** Rows and counts that must be there after a load. */
export interface Expected {
  /** Before each id. */
  readonly name: string;
  readonly records: number;
  /** Of all loads together. */
  readonly total: number;
}

/** What is wrong; empty when all that was accepted is stored and counted once. */
export async function checkStored(cluster: Cluster, { name, records, total }: Expected): Promise<string[]> {
  const rows = async (): Promise<string> => {
    const [ids] = await cluster.sql(`select count(*)::int as n, count(distinct id)::int as ids from transaction where id like '${name}-%'`);
    return `${String(ids?.['n'])} rows with ${String(ids?.['ids'])} ids`;
  };
  const wantedRows = `${records} rows with ${records} ids`;
  await waitFor(async () => ((await countedOf(cluster)) >= total ? true : undefined), DRAIN_MS).catch(() => undefined);
  // A record that is counted twice is counted twice a moment later.
  await sleep(1000);
  const wrong: string[] = [];
  const found = await rows();
  if (found !== wantedRows) wrong.push(`${found}, accepted were ${records}`);
  const counted = await countedOf(cluster);
  if (counted !== total) wrong.push(`${counted} counted in minutes, accepted were ${total}`);
  for (const api of cluster.of('api')) {
    const lag = await waitFor(async () => {
      const stats = await api.get<{ lag_records: number }>('/stats').catch(() => undefined);
      return stats?.lag_records === 0 ? true : undefined;
    }, DRAIN_MS).catch(() => undefined);
    if (lag === undefined) wrong.push(`${api.name}: the lag does not go back to 0`);
  }
  return wrong;
}

/** Transactions in the minutes. */
export async function countedOf(cluster: Cluster): Promise<number> {
  const [row] = await cluster.sql('select coalesce(sum(count), 0)::int as n from minute_count');
  return Number(row?.['n']);
}

/** Records of the dead-letter topic. */
export async function deadLettersOf(cluster: Cluster): Promise<number> {
  const flags = [
    '-b',
    cluster.kafka.address,
    '-t',
    `${cluster.topicPrefix}guardian.dead-letters`,
    '-C',
    '-o',
    'beginning',
    '-e',
    '-q',
    '-f',
    '%o\n',
  ];
  const kcat = spawn('kcat', flags, { stdio: ['ignore', 'pipe', 'ignore'] });
  let lines = 0;
  for await (const chunk of kcat.stdout) lines += (chunk as Buffer).toString().split('\n').length - 1;
  return lines;
}

/** An incident that the traffic has, epoch milliseconds. */
export interface Incident {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** It may have been judged from a backlog, faster than a message is put together. */
  readonly isFromBacklog: boolean;
}

/** What is wrong, and what is worth a line beside it. */
export interface Findings {
  readonly wrong: readonly string[];
  readonly notes: readonly string[];
}

interface Anomaly {
  readonly id: string;
  readonly type: string;
  readonly severity: string;
  readonly started_at: string;
  readonly resolved_at: string | null;
  readonly duration_minutes: number;
}
interface Alert {
  readonly status: string;
  readonly fingerprint: string;
  readonly starts_at: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What is wrong with the anomalies and alerts of the whole run, once all of it is judged up to `until`: each incident makes one, nothing
 *  else does, and the receiver heard of the start and the end of each. One that began and ended within a backlog is over before the receiver
 *  could hear of it, and wakes nobody (docs/reliability.md): a note. */
export async function checkAnomalies(cluster: Cluster, incidents: readonly Incident[], until: number): Promise<Findings> {
  const [api] = cluster.of('api');
  if (api === undefined) return { wrong: ['there is no API'], notes: [] };
  const at = new Date(until + 3700_000).toISOString();
  await waitFor(async () => ((await api.post('/heartbeat', JSON.stringify({ source: 'faults', at }))).ok ? true : undefined));
  const last = new Date(until - MINUTE_MS).toISOString();
  await waitFor(async () => {
    const stats = await api.get<{ judged_until: string | null }>('/stats').catch(() => undefined);
    return typeof stats?.judged_until === 'string' && stats.judged_until >= last ? true : undefined;
  }, DRAIN_MS);
  const wrong: string[] = [];
  const { items } = await api.get<{ items: Anomaly[] }>('/anomalies?limit=1000');
  const found = items.filter(({ started_at: from, severity }) => Date.parse(from) < until && severity !== 'info');
  for (const { name, from, to } of incidents) {
    const own = found.filter((one) => Date.parse(one.started_at) >= from - 2 * MINUTE_MS && Date.parse(one.started_at) < to);
    if (own.length !== 1)
      wrong.push(`${name}: ${own.length} anomalies in its incident: ${own.map((one) => `${one.type} ${one.started_at}`).join(', ')}`);
    for (const { started_at: start, resolved_at: end, duration_minutes: minutes } of own) {
      const isRight =
        Math.abs(Date.parse(start) - from) <= START_SLACK_MIN * MINUTE_MS &&
        Math.abs(Date.parse(end ?? '') - to - (END_SLACK_MIN / 2) * MINUTE_MS) <= (END_SLACK_MIN / 2) * MINUTE_MS;
      const wanted = `${new Date(from).toISOString()} to ${new Date(to).toISOString()}`;
      if (!isRight) wrong.push(`${name}: its anomaly is ${minutes} minutes long, ${start} to ${end ?? 'open'}; its incident was ${wanted}`);
    }
  }
  const others = found.filter(
    (one) => !incidents.some(({ from, to }) => Date.parse(one.started_at) >= from - 2 * MINUTE_MS && Date.parse(one.started_at) < to),
  );
  if (others.length > 0) wrong.push(`anomalies outside of incidents: ${others.map((one) => `${one.type} ${one.started_at}`).join(', ')}`);
  const alerts = await checkAlerts(cluster, incidents, until);
  return { wrong: [...wrong, ...alerts.wrong], notes: alerts.notes };
}

async function checkAlerts(cluster: Cluster, incidents: readonly Incident[], until: number): Promise<Findings> {
  const [api] = cluster.of('api');
  const ofTraffic = (alerts: readonly Alert[]): Alert[] => alerts.filter(({ starts_at: from }) => Date.parse(from) < until);
  const alerts = await waitFor(async () => {
    const answer = await api?.get<{ items: Alert[] }>('/alerts?status=all&limit=1000').catch(() => undefined);
    const own = ofTraffic(answer?.items ?? []);
    return own.length > 0 && own.every(({ status }) => status === 'resolved') ? own : undefined;
  }, DRAIN_MS).catch(() => []);
  if (alerts.length === 0) return { wrong: ['the alerts of the traffic do not resolve'], notes: [] };
  const [wrong, notes]: [string[], string[]] = [[], []];
  const keys = alerts.map(({ fingerprint, starts_at: from }) => `${fingerprint} ${from}`);
  if (new Set(keys).size !== keys.length) wrong.push('an alert is there twice');
  for (const { name, from, to } of incidents) {
    const own = alerts.filter(({ starts_at: at }) => Date.parse(at) >= from - 2 * MINUTE_MS && Date.parse(at) < to);
    if (own.length !== 1) wrong.push(`${name}: ${own.length} alerts of its incident`);
  }
  // A notification leaves after the alert has its end.
  const heard = (): Set<string> =>
    new Set(cluster.receiver.bodies.flatMap(({ alerts: all }) => all.map(({ status, fingerprint }) => `${status} ${fingerprint}`)));
  const unheard = (): Alert[] => alerts.filter(({ fingerprint }) => !heard().has(`resolved ${fingerprint}`));
  await waitFor(async () => (unheard().length === 0 ? true : undefined), HEARD_MS).catch(() => undefined);
  for (const { fingerprint, starts_at: start, labels } of unheard()) {
    const at = Date.parse(start);
    const incident = incidents.find(({ from, to }) => at >= from - 2 * MINUTE_MS && at < to);
    const alert = `${fingerprint} since ${start} (${JSON.stringify(labels)})`;
    if (heard().has(`firing ${fingerprint}`)) wrong.push(`the receiver heard of the start and never of the end of ${alert}`);
    else if (incident?.isFromBacklog !== true) wrong.push(`the receiver heard nothing of ${alert}`);
    else notes.push(`${incident.name}: its incident was over within the backlog, before a message left`);
  }
  return { wrong, notes };
}
