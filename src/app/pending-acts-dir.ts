import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Act, Acted } from '../auth/act.ts';
import type { PendingAct, PendingActs } from '../auth/pending-acts.ts';
import type { Clock } from '../clock.ts';
import { isGuardianError, messageOf } from '../errors.ts';
import type { Sql } from '../store/database.ts';
import { readJsonFile } from './json-file.ts';

const dirOf = (root: string): string => join(root, 'audit-pending');

/** Notes acts in a data directory, a file each, so that a command and a server can do so at once. */
export function createPendingActs(root: string, clock: Clock): PendingActs {
  return {
    note(act) {
      const at = clock.now();
      const pending: PendingAct = { ...act, id: randomUUID(), at };
      mkdirSync(dirOf(root), { recursive: true, mode: 0o700 });
      const path = join(dirOf(root), `${String(at).padStart(15, '0')}-${pending.id}.json`);
      writeFileSync(`${path}.new`, JSON.stringify(pending), { mode: 0o600, flush: true });
      renameSync(`${path}.new`, path);
    },
  };
}

export interface PendingWriterDeps {
  readonly root: string;
  readonly act: Act;
  readonly log: Logger;
  /** What else an act changes in the database. */
  readonly work: (tx: Sql, pending: PendingAct) => Promise<Acted<null>>;
}

/** Makes what writes the rows of noted acts, the oldest first. Each row is written once, also when it stops half-way. What the
 *  database cannot take now waits for the next call. Never throws. */
export function createPendingWriter({ root, act, log, work }: PendingWriterDeps): () => Promise<void> {
  let running = Promise.resolve();
  const write = async (): Promise<void> => {
    for (const name of pendingFiles(root)) {
      const path = join(dirOf(root), name);
      const pending = readJsonFile(path);
      if (!isPending(pending)) {
        log.error({ path }, 'failed to read a pending act: its audit row is missing');
        renameSync(path, `${path}.damaged`);
        continue;
      }
      const actor = { ...pending.actor, message_id: `late:${pending.id}` };
      try {
        await act({ ...pending, actor }, (tx) => work(tx, pending));
      } catch (error) {
        // The row says that it was forbidden.
        if (!isGuardianError(error, 'AUTH_ROLE')) throw error;
      }
      rmSync(path, { force: true });
    }
  };
  return () => {
    running = running
      .then(write)
      .catch((error: unknown) => log.debug({ reason: messageOf(error) }, 'audit rows are pending until the database is available'));
    return running;
  };
}

function pendingFiles(root: string): string[] {
  try {
    return readdirSync(dirOf(root))
      .filter((name) => name.endsWith('.json'))
      .toSorted();
  } catch {
    return [];
  }
}

const isPending = (value: unknown): value is PendingAct =>
  typeof value === 'object' && value !== null && 'id' in value && 'verb' in value && 'actor' in value && 'at' in value;
