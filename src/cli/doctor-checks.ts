import { existsSync, readFileSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { resolve } from 'node:path';
import type { Config } from '../config/config-schema.ts';
import { endpointOf } from '../alert/notify/receiver.ts';
import { ageBeyondRetention } from '../app/event-times.ts';
import { prepareDataDir } from '../app/data-dir.ts';
import { closeToOthers, findOpenPaths } from '../app/data-dir-modes.ts';
import { runbookFolders } from '../app/runbook-folders.ts';
import { readFolders } from '../runbook/catalogue.ts';
import { runbookSentence } from '../runbook/runbook-problem.ts';
import type { Cli } from './cli.ts';
import { errorText } from './error-text.ts';
import { configuredServer } from './running-server.ts';

/** Result of one check; `detail` says what was found, or what to do about it. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** It works, but somebody should look at it. */
  readonly warning?: boolean;
  readonly detail: string;
}

const MANIFEST = new URL('../../package.json', import.meta.url);
const MINIMUM_FREE_GB = 1;
const CONNECT_MS = 3000;

/** Whether a version is in a range such as `>=24.16 <25 || >=26.1`. Pure. */
export function satisfies(version: string, range: string): boolean {
  const parts = (text: string): readonly number[] => text.split('.').map(Number);
  const order = (a: readonly number[], b: readonly number[]): number =>
    (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0);
  const holds = (comparator: string): boolean => {
    const [, operator, wanted = '0'] = /^(>=|<)([\d.]+)$/.exec(comparator) ?? [];
    const difference = order(parts(version), parts(wanted));
    return operator === '>=' ? difference >= 0 : operator === '<' && difference < 0;
  };
  return range.split('||').some((part) => part.trim().split(/\s+/).every(holds));
}

export function checkNode(cli: Cli): Check {
  const version = process.versions.node;
  const range = (JSON.parse(readFileSync(MANIFEST, 'utf8')) as { runtime: { node: string } }).runtime.node;
  const ok = satisfies(version, range);
  return { name: cli.say('doctor.node'), ok, detail: ok ? version : cli.say('doctor.node.fail', { version, range }) };
}

/** The clock must not be before the program's own files: an empty battery puts a machine back by years. */
export function checkClock(cli: Cli): Check {
  const now = cli.clock.now();
  const at = new Date(now).toISOString();
  const ok = now > statSync(MANIFEST).mtimeMs - 86_400_000;
  return { name: cli.say('doctor.clock'), ok, detail: ok ? at : cli.say('doctor.clock.fail', { at }) };
}

/** What may come in must not be older than what is kept. */
export function checkAges(cli: Pick<Cli, 'say'>, config: Config): Check {
  const name = cli.say('doctor.config');
  const beyond = ageBeyondRetention(config);
  return beyond === null ? { name, ok: true, detail: 'ok' } : { name, ok: true, warning: true, detail: cli.say('doctor.ages', beyond) };
}

export async function checkDataDir(cli: Cli, config: Config): Promise<Check> {
  const name = cli.say('doctor.data_dir');
  try {
    return { name, ok: true, detail: (await prepareDataDir(resolve(cli.cwd, config.data_dir))).root };
  } catch (error) {
    return { name, ok: false, detail: errorText(cli, error) };
  }
}

/** Whether others may read or write the data. Open permissions are closed and reported: somebody may have read the data. */
export async function checkModes(cli: Cli, config: Config): Promise<Check> {
  const name = cli.say('doctor.modes');
  const root = resolve(cli.cwd, config.data_dir);
  if (!existsSync(root)) return { name, ok: true, detail: cli.say('doctor.modes.ok') };
  const before = await findOpenPaths(root);
  const [first] = before;
  if (first === undefined) return { name, ok: true, detail: cli.say('doctor.modes.ok') };
  const [stays] = await closeToOthers(root);
  const facts = ({ path, mode }: typeof first) => ({ path, mode: mode.toString(8).padStart(4, '0'), n: before.length });
  return stays === undefined
    ? { name, ok: true, warning: true, detail: cli.say('doctor.modes.closed', facts(first)) }
    : { name, ok: false, detail: cli.say('doctor.modes.fail', facts(stays)) };
}

export async function checkDisk(cli: Cli, config: Config): Promise<Check> {
  const name = cli.say('doctor.disk');
  const dir = resolve(cli.cwd, config.data_dir);
  try {
    const { bavail, bsize } = await statfs(dir);
    const free = (bavail * bsize) / 1e9;
    const ok = free >= MINIMUM_FREE_GB;
    return { name, ok, detail: cli.say(ok ? 'doctor.disk.ok' : 'doctor.disk.fail', { free, dir, minimum: MINIMUM_FREE_GB }) };
  } catch (error) {
    return { name, ok: false, detail: errorText(cli, error) };
  }
}

export async function checkPort(cli: Cli, config: Config): Promise<Check> {
  const name = cli.say('doctor.port');
  const port = String(config.http.port);
  const running = configuredServer(cli.cwd, config);
  if (running !== undefined) return { name, ok: true, detail: cli.say('doctor.in_use', { url: running.url }) };
  const ok = await new Promise<boolean>((settle) => {
    const server = createServer();
    server.once('error', () => settle(false));
    server.listen(config.http.port, config.http.host, () => server.close(() => settle(true)));
  });
  return { name, ok, detail: cli.say(ok ? 'doctor.port.free' : 'doctor.port.fail', { port }) };
}

/** A runbook file with a problem is found when somebody needs it, unless it is found here. */
export function checkRunbooks(cli: Pick<Cli, 'say' | 'locale'>, config: Config): Check {
  const name = cli.say('doctor.runbooks');
  const files = readFolders(runbookFolders(config));
  const problems = files.flatMap((file) => file.problems);
  const [first] = problems;
  if (first === undefined) return { name, ok: true, detail: cli.say('doctor.runbooks.ok', { n: files.length }) };
  return { name, ok: false, detail: cli.say('doctor.runbooks.fail', { n: problems.length, first: runbookSentence(cli.locale, first) }) };
}

/** Whether each receiver's host accepts a connection; nothing is sent. */
export async function checkReceivers(cli: Cli, config: Config): Promise<readonly Check[]> {
  if (config.alert.receivers.length === 0)
    return [{ name: cli.say('doctor.receivers'), ok: true, warning: true, detail: cli.say('doctor.receivers.none') }];
  return Promise.all(
    config.alert.receivers.map(async (receiver) => {
      const endpoint = endpointOf(receiver);
      const message = await connectionProblem(endpoint);
      const label = cli.say('doctor.receiver', { name: receiver.name });
      const origin = `${endpoint.protocol}//${endpoint.host}`;
      return message === undefined
        ? { name: label, ok: true, detail: origin }
        : { name: label, ok: false, detail: cli.say('doctor.receiver.fail', { url: origin, message }) };
    }),
  );
}

/** Whether the dead-man switch outside can be reached; nothing is sent, since that would count as a beat. */
export async function checkHeartbeat(cli: Pick<Cli, 'say'>, { heartbeat }: Config): Promise<Check> {
  const name = cli.say('doctor.heartbeat');
  if (heartbeat.url === undefined) return { name, ok: true, warning: true, detail: cli.say('doctor.heartbeat.none') };
  const endpoint = new URL(heartbeat.url);
  const message = await connectionProblem(endpoint);
  if (message === undefined) return { name, ok: true, detail: endpoint.origin };
  return { name, ok: false, detail: cli.say('doctor.receiver.fail', { url: endpoint.origin, message }) };
}

async function connectionProblem(url: URL): Promise<string | undefined> {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return new Promise((settle) => {
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port, timeout: CONNECT_MS });
    const end = (message?: string): void => {
      socket.destroy();
      settle(message);
    };
    socket.once('connect', () => end());
    socket.once('timeout', () => end('timeout'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
