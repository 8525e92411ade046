import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SupervisedProcess as Wire } from '@transaction-guardian/contracts/stats.ts';
import type { SupervisedRole } from '../../config/process-list.ts';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { keepTrying } from '../../retry.ts';

/** How one process is doing. */
export type ProcessView = Omit<Wire, 'role'> & { readonly role: SupervisedRole };
type ProcessPhase = ProcessView['phase'];

/** One process that is started again whenever it ends. */
export interface ProcessSupervision {
  view(): ProcessView;
  /** Resolves when it is ready for the first time, or has ended before that. */
  readonly settled: Promise<void>;
  /** Asks it to end, and ends it when it does not. Resolves when it is gone. */
  stop(): Promise<void>;
  /** kill -9, for a supervisor that ends at once. */
  kill(): void;
}

export interface SupervisedProcessDeps {
  readonly name: string;
  readonly role: SupervisedRole;
  readonly spawn: () => ChildProcess;
  readonly clock: Clock;
  readonly log: Logger;
  /** After SIGTERM it gets this long before SIGKILL. */
  readonly stopMs: number;
  /** Longest wait before a start; default a minute. */
  readonly maxWaitMs?: number;
  /** Called after each change of the view. */
  readonly changed: () => void;
  /** Changes the number of processes of a role; false when that cannot be. */
  readonly scale: (role: unknown, count: unknown) => boolean;
}

const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 60_000;
/** A process that has lived for so long has got on: the next wait is the first again. */
const SETTLED_MS = 60_000;
/** It fails when it has ended so often within that time. */
const FAILING_ENDS = 3;
const FAILING_MS = 600_000;

/** Starts a process and keeps it running: after an end it waits, at first half a second, then up to a minute, with jitter, and never gives
 *  up, since a full disk or a server that is away passes. */
export function superviseProcess(deps: SupervisedProcessDeps): ProcessSupervision {
  const { name, role, clock, log, changed, maxWaitMs = MAX_WAIT_MS } = deps;
  const ending = new AbortController();
  const settled = Promise.withResolvers<void>();
  let child: ChildProcess | undefined;
  let phase: ProcessPhase = 'starting';
  let restarts = -1;
  let ends: number[] = [];
  let lastEnd: string | null = null;
  let isRestartAsked = false;

  const enter = (next: ProcessPhase): void => {
    phase = next;
    if (next !== 'starting') settled.resolve();
    changed();
  };
  const recentEnds = (): number => {
    ends = ends.filter((at) => clock.monotonic() - at < FAILING_MS);
    return ends.length;
  };
  const hear = (message: unknown): void => {
    const { guardian: word, ...rest } = (message ?? {}) as {
      readonly guardian?: unknown;
      readonly role?: unknown;
      readonly count?: unknown;
    };
    const reply = (): void => void child?.send({ guardian: word }, () => undefined);
    if (word === 'ready' && phase === 'starting') enter('running');
    if (word === 'can_restart') reply();
    if (word === 'scale' && deps.scale(rest.role, rest.count)) reply();
    if (word !== 'restart' || child === undefined) return;
    isRestartAsked = true;
    reply();
    log.info({ process: name }, 'the process asks to be started again');
    void endChild(child, deps.stopMs);
  };
  /** Runs it once. Rejects with how it ended, unless somebody asked for that. */
  const runOnce = (gotOn: () => void): Promise<void> =>
    new Promise((resolve, reject) => {
      restarts += 1;
      isRestartAsked = false;
      const started = deps.spawn();
      child = started;
      const settling = setTimeout(gotOn, SETTLED_MS);
      const end = (how: string): void => {
        clearTimeout(settling);
        child = undefined;
        if (ending.signal.aborted || isRestartAsked) return resolve();
        lastEnd = how;
        ends.push(clock.monotonic());
        reject(new Error(how));
      };
      started.on('message', hear);
      started.once('error', (error) => started.pid === undefined && end(messageOf(error)));
      started.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
      enter('starting');
    });
  const running = keepTrying(
    async (gotOn) => {
      do await runOnce(gotOn);
      while (isRestartAsked && !ending.signal.aborted);
    },
    {
      ...{ signal: ending.signal, retryMs: Math.min(FIRST_WAIT_MS, maxWaitMs), maxRetryMs: maxWaitMs },
      onFailure(_error, { waitMs }) {
        log.warn({ process: name, end: lastEnd, ends: recentEnds(), wait_ms: waitMs }, 'a process ended by itself and is started again');
        enter('waiting');
      },
    },
  );
  return {
    settled: settled.promise,
    view: () => {
      const recent = recentEnds();
      const view = { name, role, phase, pid: child?.pid ?? null, restarts: Math.max(0, restarts) };
      return { ...view, ends: recent, last_end: lastEnd, failing: recent >= FAILING_ENDS };
    },
    async stop() {
      ending.abort();
      enter(child === undefined ? 'stopped' : 'stopping');
      if (child !== undefined) await endChild(child, deps.stopMs);
      await running;
      enter('stopped');
    },
    kill: () => void child?.kill('SIGKILL'),
  };
}

async function endChild(child: ChildProcess, stopMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new AbortController();
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const late = sleep(stopMs, undefined, { signal: gone.signal }).then(
    () => child.kill('SIGKILL'),
    () => undefined,
  );
  await exited;
  gone.abort();
  await late;
}
