import type { Command } from 'commander';
import type { Cli } from './cli.ts';

/** Where a command puts itself, and how its action is run. */
export interface CommandRegistry {
  readonly cli: Cli;
  readonly program: Command;
  /** A new command with its help and an example. `parent`: default the program. */
  add(usage: string, about: string, example: string, parent?: Command): Command;
  /** Wraps an action; the number that it gives is the exit code. */
  run<Args extends unknown[]>(action: (...args: Args) => Promise<number> | number): (...args: Args) => Promise<void>;
}
