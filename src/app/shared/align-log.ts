import type { Logger } from 'pino';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { GuardianError } from '../../errors.ts';
import type { Database } from '../../store/database.ts';
import { adoptLog } from '../../store/verbs/log/adopt-log.ts';
import { bindLog } from '../../store/verbs/log/bind-log.ts';
import type { Log, RoleLock, RoleLockOptions } from '../engines.ts';
import { DERIVED_READERS } from '../readers.ts';

export interface AlignDeps {
  readonly bus: Pick<Log, 'identity' | 'ranges'>;
  readonly database: Database;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly take: (options: Pick<RoleLockOptions, 'role' | 'signal' | 'onLost'>) => Promise<RoleLock | null>;
}

/** Binds a new database to the topics of its log, once for all processes; a database that was bound before must be bound to the same ones:
 *  the positions in it mean nothing in others. Throws BUS_OFFSET_OUT_OF_RANGE. */
export async function alignLog({ bus, database, log, signal, take }: AlignDeps): Promise<void> {
  const lock = await take({ role: 'align', signal, onLost: () => undefined });
  if (lock === null) return;
  try {
    const topics = Object.values(TOPICS).map((topic) => ({ topic, id: bus.identity(topic) }));
    const { others, isNew } = await database.transaction((tx) => bindLog(tx, topics));
    if (others.length > 0) {
      const message = `The database was counted from other topics (${others.join(', ')}): give the new topics a new database, or restore theirs.`;
      throw new GuardianError('BUS_OFFSET_OUT_OF_RANGE', message, { data: { topics: others } });
    }
    if (!isNew) return;
    const derived = await Promise.all(DERIVED_READERS.map(async (one) => ({ ...one, ranges: await bus.ranges(one.topic) })));
    await database.transaction((tx) => adoptLog(tx, { windows: TOPICS.windows, derived }));
    log.info('a new database reads the log from its start');
  } finally {
    await lock.release();
  }
}
