import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Config } from '../../config/config-schema.ts';
import type { Cli } from '../cli.ts';
import {
  checkAges,
  checkClock,
  checkDataDir,
  checkDisk,
  checkHeartbeat,
  checkModes,
  checkNode,
  checkPort,
  checkReceivers,
  checkRunbooks,
  type Check,
} from '../doctor-checks.ts';
import { checkAlertmanagers } from '../alertmanager-check.ts';
import { checkClawdbot } from '../clawdbot-check.ts';
import { checkRoutes } from '../route-check.ts';
import { configSentence } from '../../config/config-problem.ts';
import { errorText } from '../error-text.ts';
import { commandLogger, quiet, settledConfig, startHere } from '../local-app.ts';
import type { CommandRegistry } from '../registry.ts';
import { configuredServer } from '../running-server.ts';

/** `guardian doctor`: every check is made, also when one fails. */
export function registerDoctor({ cli, add, run }: CommandRegistry): void {
  add('doctor', cli.say('doctor.about'), 'guardian doctor')
    .option('--json', cli.say('opt.json'))
    .option('--page', cli.say('doctor.opt.page'))
    .action(
      run(async (options: { json?: boolean; page?: boolean }) => {
        const checks = [...(await examine(cli)), ...(await checkClawdbot(cli, options.page === true))];
        if (options.json === true) cli.print(JSON.stringify(checks, null, 2));
        else for (const check of checks) cli.print(`${symbol(check)} ${check.name}: ${check.detail}`);
        return checks.every((check) => check.ok) ? 0 : 1;
      }),
    );
}

function symbol({ ok, warning = false }: Check): string {
  if (!ok) return '❌';
  return warning ? '⚠️' : '✅';
}

async function examine(cli: Cli): Promise<readonly Check[]> {
  const loaded = cli.loadedConfig();
  const name = cli.say('doctor.config');
  const problems = loaded.problems.map((problem): Check => ({ name, ok: false, detail: configSentence(cli.locale, problem) }));
  const checks = [checkNode(cli), checkClock(cli), ...(problems.length > 0 ? problems : [checkAges(cli, loaded.config)])];
  // Before anything prepares the directory, which closes it.
  const modes = await checkModes(cli, loaded.config);
  const dataDir = await checkDataDir(cli, loaded.config);
  checks.push(dataDir, modes, await checkPort(cli, loaded.config));
  if (dataDir.ok)
    checks.push(await checkDisk(cli, loaded.config), await checkLog(cli, loaded.config), await checkDatabase(cli, loaded.config));
  checks.push(checkRunbooks(cli, loaded.config));
  // The default of a list that could not be read says nothing of who is notified.
  if (loaded.problems.some(({ setting }) => setting.startsWith('alert.receivers'))) return checks;
  const routes = checkRoutes(cli, loaded.config);
  return [
    ...checks,
    ...(routes === null ? [] : [routes]),
    ...(await checkReceivers(cli, loaded.config)),
    ...(await checkAlertmanagers(cli, loaded.config)),
    await checkHeartbeat(cli, loaded.config),
  ];
}

async function checkLog(cli: Cli, config: Config): Promise<Check> {
  const name = cli.say('doctor.log');
  try {
    const { openLog } = await import('../../app/open-log.ts');
    const bus = await openLog(settledConfig(cli, config), { clock: cli.clock, log: commandLogger(cli) });
    try {
      const records = (await bus.ranges(TOPICS.transactions)).reduce((sum, range) => sum + range.next - range.earliest, 0);
      return { name, ok: true, detail: cli.say('doctor.log.ok', { n: records }) };
    } finally {
      await bus.close();
    }
  } catch (error) {
    return { name, ok: false, detail: errorText(cli, error) };
  }
}

/** Opens the database as the program does; one that a server has open is the server's to judge. */
async function checkDatabase(cli: Cli, config: Config): Promise<Check> {
  const name = cli.say('doctor.database');
  const running = configuredServer(cli.cwd, config);
  if (running !== undefined) return { name, ok: true, detail: cli.say('doctor.in_use', { url: running.url }) };
  try {
    const app = await startHere(quiet(settledConfig(cli, config)), { clock: cli.clock, log: commandLogger(cli) }, { listen: false });
    try {
      const [row] = await app.database.query<{ version: string }>('SELECT version() AS version');
      return { name, ok: true, detail: row?.version.split(' ').slice(0, 2).join(' ') ?? 'ok' };
    } finally {
      await app.stop();
    }
  } catch (error) {
    return { name, ok: false, detail: errorText(cli, error) };
  }
}
