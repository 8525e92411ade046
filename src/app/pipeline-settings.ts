import type { MessagePort } from 'node:worker_threads';
import type { BridgeSettings } from '../detect/shard/shard-bridge.ts';
import type { GuardianError } from '../errors.ts';
import type { Config } from '../config/config-schema.ts';
import type { DataDir } from './data-dir.ts';
import type { ProcessRole } from './roles.ts';

/** What the thread says when it has started, or why it could not. */
export type PipelineGreeting =
  | { readonly ready: true }
  | { readonly failed: Pick<GuardianError, 'code' | 'message'> & Partial<Pick<GuardianError, 'rule' | 'params'>> };

/** What the thread says when a shard of its detector needs a thread in front of it. */
export interface BridgeRequest {
  readonly bridge: BridgeSettings;
}

/** The message that asks the thread to stop in good order. */
export const STOP = 'stop';

/** What the thread is started with. */
export interface PipelineSettings {
  readonly config: Config;
  readonly dir: DataDir;
  readonly role: ProcessRole;
}

/** All that the thread is given, as `workerData`. */
export interface PipelineWork extends PipelineSettings {
  readonly memory: SharedArrayBuffer;
  /** Where it is noted how the shards of the detector stand. */
  readonly shards: SharedArrayBuffer;
  /** Where the thread serves the database. */
  readonly databasePort: MessagePort;
  /** Where it answers questions about single transactions. */
  readonly rawPort: MessagePort;
}
