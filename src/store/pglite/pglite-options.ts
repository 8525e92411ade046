import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { GuardianError } from '../../errors.ts';
import type { EngineMemory } from './memory-watch.ts';

export type PgliteOptions = {
  readonly log: Logger;
  readonly clock: Clock;
  /** What `compileEngine` gave; default: compiled now. */
  readonly engine?: Promise<WebAssembly.Module> | undefined;
  /** Default: it keeps what it has taken. One in memory always does. */
  readonly engineMemory?: EngineMemory | undefined;
  /** A tar made by `dumpPglite`, which a new database starts from; default: the one that is kept. */
  readonly template?: Blob;
  /** Where the copy of an empty database is kept; default: beside the installed packages. */
  readonly templateFolder?: string;
  /** Called once when the engine can never serve again: it trapped, or it read a damaged page. Until the directory is opened
   *  again every call fails; after damage opening fails with STORE_CORRUPT, so that the caller quarantines the directory. */
  readonly onDeath?: (error: GuardianError) => void;
} & ({ readonly dir: string } | { readonly memory: true });
