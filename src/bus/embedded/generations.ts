import { join } from 'node:path';
import { openSqlite, unavailable } from './topic-file.ts';
import { inTransaction } from '../../sqlite/in-transaction.ts';

/** Numbers the assignments of consumer groups. Kept on disk, so that they grow over restarts and a consumer that was
 *  left over from before can be distinguished from its successor. */
export interface Generations {
  /** The next generation of a group; higher than every stored one and than `current`. Throws BUS_UNAVAILABLE. */
  next(group: string, current: number): number;
  close(): void;
}

/** Name of the file of generations, as that of a topic. */
export const GROUPS = 'guardian.groups';

export function generationsPath(dir: string): string {
  return join(dir, `${GROUPS}.sqlite`);
}

/** Opens the file of generations, which is apart from the topics so that it never waits for their writer. */
export function openGenerations(dir: string): Generations {
  const db = openSqlite(generationsPath(dir), (fresh) =>
    fresh.exec('CREATE TABLE IF NOT EXISTS groups (name TEXT PRIMARY KEY, generation INTEGER NOT NULL) STRICT'),
  );
  const bump = db.prepare(
    `INSERT INTO groups VALUES (?, ?) ON CONFLICT (name)
     DO UPDATE SET generation = max(groups.generation + 1, excluded.generation) RETURNING generation`,
  );
  return {
    next(group, current) {
      try {
        return inTransaction(db, () => Number(bump.get(group, current + 1)?.['generation']));
      } catch (error) {
        throw unavailable('number the generation of', group, error);
      }
    },
    close: () => db.close(),
  };
}
