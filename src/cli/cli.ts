import { text, type Locale, type TextKey, type TextParams } from '@transaction-guardian/contracts/text/text.ts';
import type { Clock } from '../clock.ts';
import { loadConfig, requireValid, type LoadedConfig } from '../config/config-load.ts';
import type { Config } from '../config/config-schema.ts';
import { GuardianError } from '../errors.ts';
import type { SettingsArguments } from './settings-arguments.ts';
import { terminalLocale } from './terminal-locale.ts';

/** Somewhere to write text; `isTTY` when a person watches. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** What the program is run with. Tests give their own. */
export interface CliContext {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: AsyncIterable<Buffer>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  /** Aborted when the person or the system asks us to stop. */
  readonly signal: AbortSignal;
}

/** Key of a text `cli.<key>`. */
export type CliKey = TextKey extends infer K ? (K extends `cli.${infer Rest}` ? Rest : never) : never;

/** What a command gets: its context, its words and the configuration. */
export interface Cli extends CliContext {
  readonly locale: Locale;
  /** A text `cli.<key>` in the person's language. */
  say(key: CliKey, params?: TextParams): string;
  /** A line of result, on standard output. */
  print(line: string): void;
  /** A line about what is going on, on standard error. */
  note(line: string): void;
  /** The configuration; `flags` are those of the command itself. Throws CONFIG_INVALID with every problem. */
  config(flags?: Readonly<Record<string, string | undefined>>): Config;
  loadedConfig(): LoadedConfig;
}

/** Puts together what commands get. */
export function createCli(context: CliContext, settings: SettingsArguments): Cli {
  const load = (flags: Readonly<Record<string, string | undefined>>): LoadedConfig => {
    const given = Object.entries(flags).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return loadConfig({
      env: context.env,
      cwd: context.cwd,
      flags: { ...settings.flags, ...Object.fromEntries(given) },
      ...(settings.file === undefined ? {} : { file: settings.file }),
    });
  };
  const locale = terminalLocale(load({}), context.env);
  return {
    ...context,
    locale,
    say: (key, params) => text(locale, `cli.${key}`, params),
    print: (line) => void context.stdout.write(`${line}\n`),
    note: (line) => void context.stderr.write(`${line}\n`),
    config: (flags = {}) => requireValid(load(flags)),
    loadedConfig: () => load({}),
  };
}

/** The error of a wrong command line: exit code 2. */
export function usageError(message: string): GuardianError {
  return new GuardianError('USAGE', message);
}

/** Reads an option as a number above zero. Throws USAGE. */
export function positiveNumber(cli: Cli, name: string, value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number <= 0) throw usageError(cli.say('usage.number', { name, value }));
  return number;
}

/** Reads an option that is one of a list. Throws USAGE. */
export function oneOf<T extends string>(cli: Cli, name: string, choices: readonly T[], value: string): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw usageError(cli.say('usage.choice', { name, value, choices: choices.join(', ') }));
  return found;
}

/** Reads an option that is a time, epoch milliseconds. Throws USAGE. */
export function parseTime(cli: Cli, name: string, value: string): number {
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw usageError(cli.say('usage.time', { name, value }));
  return time;
}
