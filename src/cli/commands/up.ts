import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import type { StartOptions } from '../../app/app.ts';
import { checkRole, parseRole } from '../../app/roles.ts';
import type { RunningRole } from '../../app/running-role.ts';
import { startRole } from '../../app/start-role.ts';
import { launcherSupervisor, noSupervisor, tellParent } from '../../app/supervisor.ts';
import { configSentence } from '../../config/config-problem.ts';
import type { Config } from '../../config/config-schema.ts';
import { GuardianError } from '../../errors.ts';
import { createLogger } from '../../telemetry/logger.ts';
import type { Supervisor } from '../../runbook/step/action.ts';
import type { Cli } from '../cli.ts';
import { createDemoTime, DEMO_SPEED } from '../demo-time.ts';
import { keepCompiledCode } from '../../app/compiled-code.ts';
import { settledConfig, startHere } from '../local-app.ts';
import type { CommandRegistry } from '../registry.ts';
import { DEMO_DIR, findServer, noteServer } from '../running-server.ts';

interface Options {
  readonly demo?: boolean;
  readonly pretty?: boolean;
  readonly port?: string;
  readonly role?: string;
}

/** `guardian up`: the whole program until it is asked to stop. */
export function registerUp({ cli, add, run }: CommandRegistry): void {
  add('up', cli.say('up.about'), 'guardian up --demo')
    .option('--demo', cli.say('opt.demo'))
    .option('--pretty', cli.say('opt.pretty'))
    .option('--port <n>', cli.say('opt.port'))
    .option('--role <role>', cli.say('opt.role'))
    // A setting, which is read before the options are.
    .option('--processes <list>', cli.say('opt.processes'))
    .action(run((options: Options) => upCommand(cli, options)));
}

async function upCommand(cli: Cli, options: Options): Promise<number> {
  if (options.role === undefined && options.demo !== true) {
    const given = cli.config(flagsOf(cli, options));
    if (given.processes.length > 0) {
      const { superviseHere } = await import('../supervise-here.ts');
      await superviseHere(cli, settledConfig(cli, given));
      return 0;
    }
  }
  const role = parseRole(options.role ?? 'all');
  checkRole(role, { demo: options.demo === true, port: options.port !== undefined });
  const given = cli.config(flagsOf(cli, options));
  const config = options.demo === true ? await demoConfig(cli, settledConfig(cli, given)) : settledConfig(cli, given);
  const log = createLogger(config.log);
  const time = createDemoTime(cli.clock);
  const deps = { clock: cli.clock, log, ...(options.demo === true ? { eventNow: time.now } : {}) };
  // A default is no choice: then the console speaks the language of each browser.
  const isLocaleChosen = cli.loadedConfig().origins['locale']?.source !== 'default';
  let forget = (): void => undefined;
  const giveUp = (error: unknown): never => {
    forget();
    throw error;
  };
  const onListening = (url: string): void => {
    forget = noteServer({ pid: process.pid, url, data_dir: config.data_dir });
  };
  const starting: StartOptions = {
    consoleLocale: isLocaleChosen ? config.locale : undefined,
    demoSpeed: options.demo === true ? time.speed : undefined,
    supervisor: supervisorOf(cli, options.demo === true),
    onListening,
    signal: cli.signal,
  };
  const app = options.demo === true ? await startHere(config, deps, starting).catch(giveUp) : undefined;
  const running = app ?? (await startRole(role, config, deps, starting).catch(giveUp));
  try {
    if (running.address === '') cli.print(cli.say('up.role_ready', { role }));
    else announce(cli, running, config, options);
    tellParent('ready');
    keepCompiledCode();
    if (app !== undefined) await (await import('../demo.ts')).runDemo(cli, app, config, time);
    if (!cli.signal.aborted) await once(cli.signal, 'abort');
    cli.note(cli.say('up.stopping'));
    forget();
  } finally {
    await running.stop();
  }
  return 0;
}

function flagsOf(cli: Cli, options: Options): Readonly<Record<string, string | undefined>> {
  const pretty = options.pretty === true ? 'true' : undefined;
  return { 'http.port': options.port, 'log.pretty': pretty, ...quietDemo(cli, options) };
}

/** A new process reads the configuration again: a file that is wrong by now would keep it from starting. */
function supervisorOf(cli: Cli, isDemo: boolean): Supervisor {
  if (isDemo) return noSupervisor({ code: 'runbook_demo', params: {} });
  return launcherSupervisor(() => {
    const [problem] = cli.loadedConfig().problems;
    return problem === undefined ? null : { code: 'runbook_error', params: { message: configSentence(cli.locale, problem) } };
  });
}

/** The log of a demonstration would hide the address and the instructions: errors only, unless something else is asked for. */
function quietDemo(cli: Cli, options: Options): Readonly<Record<string, string | undefined>> {
  const isChosen = cli.loadedConfig().origins['log.level']?.source !== 'default';
  return options.demo === true && !isChosen ? { 'log.level': 'error' } : {};
}

function announce(cli: Cli, app: RunningRole, config: Config, options: Options): void {
  const line = cli.say('up.ready', { url: app.link() });
  cli.print(cli.stdout.isTTY === true ? `\n  ${line}\n` : line);
  if (options.demo === true) cli.note(cli.say('demo.notice', { speed: DEMO_SPEED, dir: config.data_dir }));
}

/** A data directory of its own that is empty at every start: simulated and real traffic never mix. */
async function demoConfig(cli: Cli, config: Config): Promise<Config> {
  const dir = join(config.data_dir, DEMO_DIR);
  const marker = join(dir, '.demo');
  const running = findServer(dir);
  if (running !== undefined)
    throw new GuardianError('APP_ALREADY_RUNNING', cli.say('demo.running', { url: running.url, pid: String(running.pid) }));
  if (existsSync(dir) && existsSync(marker)) rmSync(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  writeFileSync(marker, '');
  return { ...config, data_dir: dir };
}
