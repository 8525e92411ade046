import type { Config } from '../config/config-schema.ts';
import type { AppDeps, StartOptions } from './app.ts';

/** A process at work in its role. */
export interface RunningRole {
  /** Base address, e.g. `http://127.0.0.1:8001`; '' where the role has none. */
  readonly address: string;
  /** A console address with a token that works once; '' where the role has no console. */
  link(): string;
  /** Finishes what is in hand, commits and closes, within one deadline. Safe to call twice. */
  stop(): Promise<void>;
}

/** What every entry of a role is. */
export type StartRole = (config: Config, deps: AppDeps, options?: StartOptions) => Promise<RunningRole>;
