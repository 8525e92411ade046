import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { lockDataDir } from '../app/data-dir-lock.ts';
import { prepareDataDir } from '../app/data-dir.ts';
import { startProbe } from '../app/probe-server.ts';
import { isShared } from '../app/is-shared.ts';
import { endLeftBehind, SUPERVISED_VARIABLE } from '../app/supervise/left-behind.ts';
import { measureProcesses } from '../app/supervise/measure-processes.ts';
import { createProcessSupervisor } from '../app/supervise/process-supervisor.ts';
import { writeSupervisorNote } from '../app/supervise/supervisor-note.ts';
import { tagLines } from '../app/supervise/tag-lines.ts';
import { secondsToMs } from '../clock.ts';
import { readProcesses, type SupervisedRole } from '../config/process-list.ts';
import type { Config } from '../config/config-schema.ts';
import { messageOf } from '../errors.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import type { Cli } from './cli.ts';

/** What a process needs beyond its own deadline to say that it has missed it. */
const STOP_MARGIN_MS = 5000;

/** Starts the processes of `processes` and keeps them running until this one is asked to stop. Each is a child that ends with this
 *  process, however that ends. Throws APP_ALREADY_RUNNING, APP_DATA_DIR, APP_PORT_IN_USE. */
export async function superviseHere(cli: Cli, config: Config): Promise<void> {
  const { root } = await prepareDataDir(config.data_dir);
  const lock = lockDataDir(root, process.pid, 'supervisor');
  const people = config.log.pretty || cli.stdout.isTTY === true;
  const write = (text: string): void => void cli.stdout.write(text);
  const tag = { people, write, now: () => cli.clock.now() };
  const log = createLogger(config.log);
  const stopMs = secondsToMs(config.stop_deadline_s) + STOP_MARGIN_MS;
  const hasProbe = isShared(config) && config.probe.port !== undefined;

  const start = (role: SupervisedRole, name: string, index: number): ChildProcess => {
    const port = hasProbe && config.probe.port ? ['--probe.port', String(config.probe.port + 1 + index)] : [];
    const args = [...process.execArgv, process.argv[1] ?? '', ...roleArgs(cli.args, role), ...port];
    // A session of its own: what a terminal sends to all at once would end them in any order.
    const child = spawn(process.execPath, args, {
      ...{ stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true, windowsHide: true },
      env: { ...cli.env, [SUPERVISED_VARIABLE]: root },
    });
    for (const stream of [child.stdout, child.stderr]) if (stream !== null) tagLines(stream, name, tag);
    return child;
  };
  const processes = readProcesses(config.processes);
  const wanted = processes.reduce((sum, { count }) => sum + count, 0);
  let isAnnounced = false;
  const supervisor = createProcessSupervisor({
    ...{ processes, spawn: start, clock: cli.clock, log },
    stopMs,
    changed(views) {
      if (!isAnnounced && views.length >= wanted && views.every(({ phase }) => phase === 'running')) {
        isAnnounced = true;
        cli.note(cli.say('up.processes_ready', { n: views.length }));
      }
      try {
        writeSupervisorNote(root, { pid: process.pid, processes: views });
      } catch (error) {
        log.warn({ reason: messageOf(error) }, 'failed to note the state of the processes');
      }
    },
  });
  // A second signal, or a bug of ours: nobody is left behind.
  process.on('exit', supervisor.kill);
  const metrics = createMetrics();
  measureProcesses(metrics, supervisor.views);
  const isReady = (): boolean => supervisor.views().every(({ phase }) => phase === 'running');
  const state = (): unknown => ({ processes: supervisor.views() });
  try {
    const probe = hasProbe ? config : { probe: { host: config.probe.host } };
    const endProbe = await startProbe(probe, { log, metrics, state, pipeline: undefined, isOpen: isReady });
    await endLeftBehind(root, { log, stopMs });
    const starting = supervisor.start();
    if (!cli.signal.aborted) await once(cli.signal, 'abort');
    cli.note(cli.say('up.stopping'));
    await supervisor.stop();
    await starting;
    await endProbe();
  } finally {
    await supervisor.stop();
    rmSync(join(root, 'supervisor.json'), { force: true });
    lock.release();
    process.off('exit', supervisor.kill);
  }
}

/** The command line of a process of one role, from that of the supervisor. Pure. */
export function roleArgs(args: readonly string[], role: SupervisedRole): readonly string[] {
  const gone = role === 'api' ? /^--processes(?:=|$)/ : /^--(?:processes|port)(?:=|$)/;
  const isGone = (arg: string | undefined): boolean => arg !== undefined && gone.test(arg);
  const takesNext = (arg: string | undefined): boolean => isGone(arg) && arg?.includes('=') === false;
  return [...args.filter((arg, index) => !isGone(arg) && !takesNext(args[index - 1])), '--role', role];
}
