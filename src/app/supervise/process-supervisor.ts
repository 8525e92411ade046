import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ProcessCount, SupervisedRole } from '../../config/process-list.ts';
import type { Clock } from '../../clock.ts';
import { superviseProcess, type ProcessView, type ProcessSupervision } from './supervised-process.ts';

export interface ProcessSupervisorDeps {
  readonly processes: readonly ProcessCount[];
  /** Starts a process of a role. `name`: what its lines are told apart by; `index`: its place among all, from 0. */
  readonly spawn: (role: SupervisedRole, name: string, index: number) => ChildProcess;
  readonly clock: Clock;
  readonly log: Logger;
  /** After SIGTERM a process gets this long before SIGKILL. */
  readonly stopMs: number;
  /** Called with all of them when something has changed. Must not throw. */
  readonly changed: (views: readonly ProcessView[]) => void;
}

/** The processes of one machine. */
export interface ProcessSupervisor {
  /** Starts all; resolves when each was ready, or has failed to be, once. */
  start(): Promise<void>;
  views(): readonly ProcessView[];
  /** Ends all, against the flow: who accepts first, then the stages, then who has the data. */
  stop(): Promise<void>;
  /** kill -9 for all. */
  kill(): void;
}

/** Who waits for whom: the owner of the data is asked by all, and what the API accepts waits for the stages. */
const START_ORDER: readonly (readonly SupervisedRole[])[] = [['data'], ['api'], ['window', 'detect', 'alert']];
const STOP_ORDER: readonly (readonly SupervisedRole[])[] = [['api'], ['window', 'detect', 'alert'], ['data']];
/** One that is not ready by then holds the others up no longer: they wait for it by themselves. */
const PATIENCE_MS = 20_000;
const LOOK_MS = 5000;
/** As many as the partitions of the log can be. */
const WORKERS_MOST = 64;

/** Makes a supervisor; starts nothing. */
export function createProcessSupervisor(deps: ProcessSupervisorDeps): ProcessSupervisor {
  const { processes, clock, log } = deps;
  const running: ProcessSupervision[] = [];
  let said = '';
  let isStopping = false;

  const views = (): readonly ProcessView[] => running.map((one) => one.view());
  const changed = (): void => {
    const now = views();
    const text = JSON.stringify(now);
    if (text === said) return;
    said = text;
    deps.changed(now);
  };
  const looking = setInterval(changed, LOOK_MS);
  looking.unref();

  const begin = (role: SupervisedRole, number: number): ProcessSupervision => {
    const name = role === 'window' ? `window.${number}` : role;
    const index = role === 'window' ? OTHERS + number - 1 : ORDER.indexOf(role);
    const spawn = (): ChildProcess => deps.spawn(role, name, index);
    const one = superviseProcess({ name, role, spawn, clock, log, stopMs: deps.stopMs, changed, scale });
    running.push(one);
    return one;
  };
  /** The highest numbers go first. One that a worker asks for is done while it goes on. */
  function scale(role: unknown, count: unknown): boolean {
    const most = processes.some((one) => one.role === 'window') ? WORKERS_MOST : 0;
    if (isStopping || role !== 'window' || typeof count !== 'number' || !(count >= 0 && count <= most)) return false;
    const present = running.filter((one) => one.view().role === 'window');
    log.info({ before: present.length, after: count }, 'the number of counting processes changes');
    for (let number = present.length + 1; number <= count; number++) begin('window', number);
    for (const one of present.slice(count)) {
      running.splice(running.indexOf(one), 1);
      leaving.add(one);
      void one.stop().finally(() => leaving.delete(one));
    }
    changed();
    return true;
  }
  const leaving = new Set<ProcessSupervision>();

  return {
    views,
    async start() {
      for (const roles of START_ORDER) {
        const begun = processes
          .filter(({ role }) => roles.includes(role))
          .flatMap(({ role, count }) => Array.from({ length: count }, (_, at) => begin(role, at + 1)));
        const timer = new AbortController();
        const late = sleep(PATIENCE_MS, undefined, { signal: timer.signal }).catch(() => undefined);
        await Promise.race([Promise.all(begun.map((one) => one.settled)), late]);
        timer.abort();
        if (isStopping) return;
      }
    },
    async stop() {
      isStopping = true;
      clearInterval(looking);
      for (const roles of STOP_ORDER) {
        const phase = running.filter((one) => roles.includes(one.view().role));
        await Promise.all([...phase, ...leaving].map((one) => one.stop()));
      }
    },
    kill() {
      for (const one of [...running, ...leaving]) one.kill();
    },
  };
}

const ORDER: readonly SupervisedRole[] = ['data', 'api', 'detect', 'alert'];
const OTHERS = ORDER.length;
