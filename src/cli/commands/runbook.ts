import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type {
  RunAnswer,
  RunbookDryRun,
  RunbookList,
  RunbookView,
  RunbookRunPage,
  RunRecord,
} from '@transaction-guardian/contracts/runbook.ts';
import { runbookFolders } from '../../app/runbook-folders.ts';
import { isGuardianError } from '../../errors.ts';
import { readFile, readFolders } from '../../runbook/catalogue.ts';
import { progressText } from '../../runbook/progress-text.ts';
import { runbookSentence } from '../../runbook/runbook-problem.ts';
import { positiveNumber, usageError, type Cli } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';
import { printRun } from '../print-run.ts';
import { localDate } from '../local-date.ts';
import type { CommandRegistry } from '../registry.ts';
import { serverUrl } from '../running-server.ts';
import { createServerClient, type ServerClient } from '../server-client.ts';
import { zoneOfServer } from '../server-zone.ts';

interface RunOptions {
  readonly param?: readonly string[];
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly url?: string;
}

interface ShowOptions {
  readonly url?: string;
  readonly json?: boolean;
}

const DEFAULT_LIMIT = '20';

/** `guardian runbook list|lint|run|confirm|resume|show|runs|cancel`. All but `lint` ask the running server. */
export function registerRunbook(registry: CommandRegistry): void {
  const { cli, add } = registry;
  const parent = add('runbook', cli.say('runbook.about'), 'guardian runbook list');
  registerLooking(registry, parent);
  registerRunning(registry, parent);
}

type Parent = ReturnType<CommandRegistry['add']>;

function registerLooking({ cli, add, run }: CommandRegistry, parent: Parent): void {
  add('list', cli.say('runbook.list'), 'guardian runbook list', parent)
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(run((options: ShowOptions) => listCommand(cli, options)));
  add('lint', cli.say('runbook.lint'), 'guardian runbook lint runbooks', parent)
    .argument('[files...]', cli.say('runbook.arg_files'))
    .action(run((files: readonly string[]) => lintCommand(cli, files)));
  add('show', cli.say('runbook.show'), 'guardian runbook show restart-api', parent)
    .argument('<id>', cli.say('runbook.arg_id'))
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(run((id: string, options: ShowOptions) => showCommand(cli, id, options)));
  add('runs', cli.say('runbook.runs'), 'guardian runbook runs --limit 5', parent)
    .option('--limit <n>', cli.say('opt.limit'), DEFAULT_LIMIT)
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(run((options: ShowOptions & { readonly limit: string }) => runsCommand(cli, options)));
}

function registerRunning({ cli, add, run }: CommandRegistry, parent: Parent): void {
  const gather = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  add('run', cli.say('runbook.run'), 'guardian runbook run clear-cache', parent)
    .argument('<name>', cli.say('runbook.arg_name'))
    .option('-p, --param <name=value>', cli.say('runbook.opt_param'), gather)
    .option('--yes', cli.say('runbook.opt_yes'))
    .option('--dry-run', cli.say('runbook.opt_dry_run'))
    .option('--url <url>', cli.say('opt.url'))
    .action(run((name: string, options: RunOptions) => runCommand(cli, name, options)));
  add('confirm', cli.say('runbook.confirm'), 'guardian runbook confirm 7K3M9QXA', parent)
    .argument('<code>', cli.say('runbook.arg_code'))
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async (code: string, { url }: RunOptions) =>
        answered(cli, url, await post<RunAnswer>(cli, url, '/runbooks/confirm', { code }), false),
      ),
    );
  add('resume', cli.say('runbook.resume'), 'guardian runbook resume 019a8c3e', parent)
    .argument('<run>', cli.say('runbook.arg_run'))
    .option('--yes', cli.say('runbook.opt_yes'))
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async (id: string, { url, yes }: RunOptions) =>
        answered(cli, url, await post<RunAnswer>(cli, url, `/runbook-runs/${encodeURIComponent(id)}/resume`, {}), yes === true),
      ),
    );
  add('cancel', cli.say('runbook.cancel'), 'guardian runbook cancel 019a8c3e', parent)
    .argument('<run>', cli.say('runbook.arg_run'))
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async (id: string, { url }: RunOptions) => {
        await post<RunRecord>(cli, url, `/runbook-runs/${encodeURIComponent(id)}/cancel`, {});
        cli.print(cli.say('runbook.cancelling'));
        return EXIT.ok;
      }),
    );
}

function clientOf(cli: Cli, url: string | undefined): ServerClient {
  return createServerClient(cli, serverUrl(cli.cwd, cli.config(), url));
}

async function post<T>(cli: Cli, url: string | undefined, path: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const response = await clientOf(cli, url).request(path, { method: 'POST', headers, body: JSON.stringify(body), signal: cli.signal });
  return (await response.json()) as T;
}

async function listCommand(cli: Cli, { url, json }: ShowOptions): Promise<number> {
  const { items } = await clientOf(cli, url).get<RunbookList>('/runbooks');
  if (json === true) cli.print(JSON.stringify({ items }, null, 2));
  else if (items.length === 0) cli.print(cli.say('runbook.none'));
  else for (const line of items.flatMap((item) => runbookLines(cli, item))) cli.print(line);
  return items.some(({ problems }) => problems.length > 0) ? EXIT.failed : EXIT.ok;
}

function runbookLines(cli: Cli, { name, description, problems, unavailable }: RunbookView): string[] {
  return [
    cli.say('runbook.line', { name: name.padEnd(20), description }),
    ...(unavailable === null ? [] : [`    ${cli.say('runbook.unavailable', { reason: unavailable })}`]),
    ...problems.map((problem) => `    ${cli.say('runbook.broken', { problem })}`),
  ];
}

function lintCommand(cli: Cli, given: readonly string[]): number {
  const paths = given.length === 0 ? runbookFolders(cli.config()) : given.map((path) => resolve(cli.cwd, path));
  const files = paths.flatMap((path) => (isFolder(path) ? readFolders([path]) : [readFile(path)]));
  const problems = files.flatMap((file) => file.problems);
  for (const problem of problems) cli.print(runbookSentence(cli.locale, problem));
  if (problems.length === 0) cli.print(cli.say('runbook.lint_good', { n: files.length }));
  else cli.note(cli.say('runbook.lint_bad', { n: problems.length }));
  return problems.length === 0 ? EXIT.ok : EXIT.failed;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

async function runCommand(cli: Cli, name: string, { param = [], yes, dryRun, url }: RunOptions): Promise<number> {
  const parameters = parametersOf(cli, param);
  const path = `/runbooks/${encodeURIComponent(name)}`;
  if (dryRun === true) {
    for (const line of dryRunLines(cli, await post<RunbookDryRun>(cli, url, `${path}/dry-run`, { parameters }))) cli.print(line);
    return EXIT.ok;
  }
  return answered(cli, url, await post<RunAnswer>(cli, url, `${path}/runs`, { parameters }), yes === true);
}

function parametersOf(cli: Cli, given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw usageError(cli.say('runbook.param_form', { value: pair }));
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** Follows the run, or says what it needs first. `yes`: confirms at once what the sender may confirm. */
async function answered(cli: Cli, url: string | undefined, { run, confirmation }: RunAnswer, yes: boolean): Promise<number> {
  if (run !== null) return printRun(cli, () => clientOf(cli, url), run.id);
  if (confirmation === null) return EXIT.failed;
  const { code, confirm, dry_run: dryRun } = confirmation;
  for (const line of dryRunLines(cli, dryRun)) cli.print(line);
  if (confirm === 'self' && yes) return answered(cli, url, await post<RunAnswer>(cli, url, '/runbooks/confirm', { code }), false);
  cli.print(cli.say(confirm === 'self' ? 'runbook.confirm_self' : 'runbook.confirm_other', { code }));
  return EXIT.ok;
}

function dryRunLines(cli: Cli, { text, steps, obstacles }: RunbookDryRun): string[] {
  return [
    text,
    ...steps.map(({ name, does }, index) => `  ${index + 1}. ${name}: ${does}`),
    ...obstacles.map((reason) => cli.say('runbook.obstacle', { reason })),
  ];
}

async function showCommand(cli: Cli, id: string, { url, json }: ShowOptions): Promise<number> {
  const client = clientOf(cli, url);
  const path = encodeURIComponent(id);
  const view = await client.get<RunbookView>(`/runbooks/${path}`).catch((error: unknown) => {
    if (isGuardianError(error, 'CLI_SERVER_REFUSED') && error.data['status'] === 404) return undefined;
    throw error;
  });
  if (view !== undefined) {
    if (json === true) cli.print(JSON.stringify(view, null, 2));
    else for (const line of viewLines(cli, view)) cli.print(line);
    return EXIT.ok;
  }
  const record = await client.get<RunRecord>(`/runbook-runs/${path}`);
  if (json === true) cli.print(JSON.stringify(record, null, 2));
  else cli.print(progressText(record, cli.locale, { timeZone: await zoneOfServer(client, cli.config()) }));
  return EXIT.ok;
}

function viewLines(cli: Cli, view: RunbookView): string[] {
  return [
    ...runbookLines(cli, view),
    ...view.parameters.map(({ name, rule, description }) => `  ${cli.say('runbook.parameter', { name, rule, description })}`),
    ...view.steps.map(({ name, kind }, index) => `  ${index + 1}. ${name} (${kind})`),
  ];
}

async function runsCommand(cli: Cli, { limit, url, json }: ShowOptions & { readonly limit: string }): Promise<number> {
  const most = Math.min(100, Math.ceil(positiveNumber(cli, '--limit', limit)));
  const client = clientOf(cli, url);
  const page = await client.get<RunbookRunPage>(`/runbook-runs?limit=${most}`);
  if (json === true) {
    cli.print(JSON.stringify(page, null, 2));
    return EXIT.ok;
  }
  if (page.items.length === 0) {
    cli.print(cli.say('runbook.no_runs'));
    return EXIT.ok;
  }
  const clock = localDate(cli, await zoneOfServer(client, cli.config()));
  for (const { id, runbook, state, started_at, requested_by } of page.items)
    cli.print(
      cli.say('runbook.run_line', {
        id,
        at: clock(started_at),
        name: runbook,
        state: cli.say(`runbook.state.${state}`),
        by: shownName(requested_by),
      }),
    );
  return EXIT.ok;
}
