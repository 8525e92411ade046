import type { CommandRegistry } from './registry.ts';
import { Command, CommanderError, Help } from 'commander';
import { readFileSync } from 'node:fs';
import { isGuardianError } from '../errors.ts';
import { closestName } from '../check/closest-name.ts';
import { createCli, type Cli, type CliContext } from './cli.ts';
import { errorText } from './error-text.ts';
import { EXIT } from './exit-codes.ts';
import { takeSettings } from './settings-arguments.ts';

type Register = (registry: CommandRegistry) => void;

/** Every command, in the order of the help. Its code is loaded when it is called, or asked about: the server needs none of the
 *  others, which would cost every start a quarter of a second and stay in memory. */
const COMMANDS: ReadonlyMap<string, () => Promise<Register>> = new Map(
  Object.entries({
    up: async () => (await import('./commands/up.ts')).registerUp,
    import: async () => (await import('./commands/import.ts')).registerImport,
    replay: async () => (await import('./commands/replay.ts')).registerReplay,
    simulate: async () => (await import('./commands/simulate.ts')).registerSimulate,
    analyze: async () => (await import('./commands/analyze.ts')).registerAnalyze,
    backtest: async () => (await import('./commands/backtest.ts')).registerBacktest,
    train: async () => (await import('./commands/train.ts')).registerTrain,
    status: async () => (await import('./commands/status.ts')).registerStatus,
    forecast: async () => (await import('./commands/forecast.ts')).registerForecast,
    chat: async () => (await import('./commands/chat.ts')).registerChat,
    clawdbot: async () => (await import('./commands/clawdbot.ts')).registerClawdbot,
    feedback: async () => (await import('./commands/feedback.ts')).registerFeedback,
    runbook: async () => (await import('./commands/runbook.ts')).registerRunbook,
    ack: async () => (await import('./commands/respond.ts')).registerAck,
    snooze: async () => (await import('./commands/respond.ts')).registerSnooze,
    silence: async () => (await import('./commands/silence.ts')).registerSilence,
    maintenance: async () => (await import('./commands/maintenance.ts')).registerMaintenance,
    route: async () => (await import('./commands/route.ts')).registerRoute,
    briefing: async () => (await import('./commands/briefing.ts')).registerBriefing,
    incident: async () => (await import('./commands/incident.ts')).registerIncident,
    audit: async () => (await import('./commands/audit.ts')).registerAudit,
    oncall: async () => (await import('./commands/oncall.ts')).registerOnCall,
    access: async () => (await import('./commands/access.ts')).registerAccess,
    link: async () => (await import('./commands/link.ts')).registerLink,
    config: async () => (await import('./commands/config.ts')).registerConfig,
    doctor: async () => (await import('./commands/doctor.ts')).registerDoctor,
    migrate: async () => (await import('./commands/migrate.ts')).registerMigrate,
    'migrate-data': async () => (await import('./commands/migrate-data.ts')).registerMigrateData,
    backup: async () => (await import('./commands/backup.ts')).registerBackup,
    restore: async () => (await import('./commands/backup.ts')).registerRestore,
    rebuild: async () => (await import('./commands/rebuild.ts')).registerRebuild,
    repair: async () => (await import('./commands/repair.ts')).registerRepair,
    'dead-letters': async () => (await import('./commands/dead-letters.ts')).registerDeadLetters,
  }),
);

/** Adds the command that is called; all of them when it is none that we know, or the help is asked for. */
async function addCommands(registry: CommandRegistry, word: string | undefined): Promise<void> {
  const called = COMMANDS.get(word ?? '');
  const registers = await Promise.all((called === undefined ? [...COMMANDS.values()] : [called]).map((load) => load()));
  for (const register of registers) register(registry);
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}

function titles(cli: Cli): Readonly<Record<string, string>> {
  return {
    'Usage:': cli.say('heading.usage'),
    'Arguments:': cli.say('heading.arguments'),
    'Options:': cli.say('heading.options'),
    'Commands:': cli.say('heading.commands'),
  };
}

/** The words that Commander writes into a help text. */
function helpWords(cli: Cli): Pick<Help, 'commandUsage' | 'subcommandTerm' | 'optionDescription'> {
  const commander = new Help();
  const translated = (usage: string): string =>
    usage.replace('[options]', `[${cli.say('help.options')}]`).replace('[command]', `[${cli.say('help.command')}]`);
  return {
    commandUsage: (command) => translated(commander.commandUsage(command)),
    subcommandTerm: (command) => translated(commander.subcommandTerm(command)),
    optionDescription: (option) => commander.optionDescription(option).replace('(default: ', `(${cli.say('help.default')}: `),
  };
}

function configureCommand(command: Command, cli: Cli, headings: Readonly<Record<string, string>>): Command {
  return command
    .exitOverride()
    .helpOption('-h, --help', cli.say('help'))
    .configureHelp({ styleTitle: (title) => headings[title] ?? title, ...helpWords(cli), helpWidth: 100 })
    .configureOutput({ writeOut: (line) => void cli.stdout.write(line), writeErr: () => undefined, outputError: () => undefined });
}

/** `guardian help status` is `guardian status --help`. */
function askedForHelp(words: readonly string[]): readonly string[] {
  return words[0] === 'help' ? [...words.slice(1), '--help'] : words;
}

/** Runs the program once and gives its exit code; nothing of the process is touched. */
export async function runProgram(context: CliContext): Promise<number> {
  const settings = takeSettings(context.args);
  const cli = createCli(context, settings);
  const headings = titles(cli);
  let exitCode: number = EXIT.ok;
  const program = configureCommand(new Command('guardian'), cli, headings)
    .description(cli.say('about'))
    .version(version(), '-V, --version', cli.say('version'))
    .option('--config <file>', cli.say('global.config'))
    .option('--set <key=value>', cli.say('global.set'))
    .option('--debug', cli.say('global.debug'))
    .helpCommand(false);
  const registry: CommandRegistry = {
    cli,
    program,
    add(usage, about, example, parent = program) {
      const command = configureCommand(parent.command(usage), cli, headings).description(about).helpCommand(false);
      return command.addHelpText('after', `\n${cli.say('example')}\n  $ ${example}`);
    },
    run:
      (action) =>
      async (...args) => {
        exitCode = await action(...args);
      },
  };
  const words = askedForHelp(settings.rest);
  await addCommands(registry, words[0]);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, cli, program, settings);
  }
}

/** Prints what went wrong in one sentence (the stack with `--debug`) and gives the exit code. */
function report(
  error: unknown,
  cli: Cli,
  program: Command,
  { debug, rest }: Pick<ReturnType<typeof takeSettings>, 'debug' | 'rest'>,
): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    // `guardian` alone and `guardian config` alone: the help is the answer.
    if (error.code === 'commander.help') return (void cli.stdout.write(calledBy(program, rest).helpInformation()), EXIT.usage);
    cli.note(usageSentence(error, cli, program, rest));
    return EXIT.usage;
  }
  if (cli.signal.aborted) {
    cli.note(cli.say('interrupted'));
    return EXIT.failed;
  }
  cli.note(debug && error instanceof Error ? (error.stack ?? error.message) : errorText(cli, error));
  return isGuardianError(error, 'USAGE') ? EXIT.usage : EXIT.failed;
}

function usageSentence(error: CommanderError, cli: Cli, program: Command, words: readonly string[]): string {
  const name = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const known = { name: name.replace(/^error: /, '') };
  switch (error.code) {
    case 'commander.unknownCommand':
      return (
        cli.say('usage.command', known) +
        meant(
          cli,
          name,
          program.commands.map((command) => command.name()),
        )
      );
    case 'commander.unknownOption':
      return optionSentence(cli, known.name, calledBy(program, words));
    case 'commander.missingArgument':
      return cli.say('usage.missing_argument', known);
    case 'commander.optionMissingArgument':
      return cli.say('usage.missing_value', known);
    case 'commander.missingMandatoryOptionValue':
      return cli.say('usage.required_option', known);
    case 'commander.excessArguments':
      return cli.say('usage.excess');
    default:
      return error.message.replace(/^error: /, '');
  }
}

/** The command that a command line calls, e.g. `dead-letters list`. */
function calledBy(program: Command, words: readonly string[]): Command {
  const [word, ...rest] = words;
  const command = program.commands.find((one) => one.name() === word);
  return command === undefined ? program : calledBy(command, rest);
}

/** An option that the command does not have: the nearest of its own, or those that it has. */
function optionSentence(cli: Cli, name: string, command: Command): string {
  const own = command.options.map((option) => option.long ?? '');
  const near = meant(cli, name, own);
  const parents = command.parent?.parent ? `${command.parent.name()} ` : '';
  const called = command.parent === null ? command.name() : `${parents}${command.name()}`;
  const sentence = cli.say('usage.option', { command: called, name });
  if (near !== '') return sentence + near;
  return own.length === 0 ? sentence : `${sentence} ${cli.say('usage.options', { names: own.join(', ') })}`;
}

function meant(cli: Cli, name: string, names: readonly string[]): string {
  const near = closestName(name, names);
  return near === undefined ? '' : ` ${cli.say('usage.did_you_mean', { name: near })}`;
}
