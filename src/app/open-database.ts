import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import type { Logger } from 'pino';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { restoreTables } from './kept-tables.ts';
import { restoreFeedback } from './restore-feedback.ts';
import { GuardianError, isGuardianError, messageOf } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { prepareSchema } from '../store/migrate.ts';
import { readAll } from '../bus/read-all.ts';
import { checkLog } from '../store/verbs/log/check-log.ts';
import { hasNoRoom, openEngineOfDatabase, type DatabaseOptions, type DatabasePlace, type Log } from './engines.ts';
import { DERIVED_READERS } from './readers.ts';
import type { DataLoss } from '@transaction-guardian/contracts/stats.ts';
import { adoptLog } from '../store/verbs/log/adopt-log.ts';

export interface OpenDatabaseDeps {
  readonly place: DatabasePlace;
  /** Whether this start may change the schema. */
  readonly migrations: 'auto' | 'manual';
  /** The data directory, where what was kept of an earlier database waits. */
  readonly root: string;
  /** The engine's code, where it was compiled before. */
  readonly engine?: DatabaseOptions['engine'];
  /** Memory of the engine from which it is opened again, bytes; 0: never. */
  readonly engineMemoryBytes: number;
  readonly bus: Log;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called with the database before its positions are compared with the log. */
  readonly beforePositions?: (database: Database) => Promise<void>;
  /** Called with what happened to the database or to a file of the log. */
  readonly lose: (loss: Omit<DataLoss, 'at'>) => void;
  /** Called when the database can serve no more until it is opened again. */
  readonly onDeath?: () => void;
}

/** Opens the database with the current schema. An embedded one that cannot be opened is quarantined and a new one is made: the
 *  window stage then counts the whole log again, and the stages behind it start at what it publishes from now on. */
export async function openDatabase(deps: OpenDatabaseDeps): Promise<Database> {
  const { database, wasDamaged } = await openOrReplace(deps);
  try {
    await prepareSchema(deps.migrations, { database, log: deps.log, clock: deps.clock });
    await restoreTables(deps.root, database);
    await deps.beforePositions?.(database);
    await checkPositions(deps, database);
    const derived = await Promise.all(DERIVED_READERS.map(async (one) => ({ ...one, ranges: await deps.bus.ranges(one.topic) })));
    const isNew = await database.transaction((tx) => adoptLog(tx, { windows: TOPICS.windows, derived }));
    if (isNew) await restoreFeedback(deps.bus, database);
    const [transactions] = await deps.bus.ranges(TOPICS.transactions);
    if (isNew && transactions !== undefined && transactions.next > transactions.earliest) {
      deps.log.warn({ records: transactions.next - transactions.earliest }, 'database is empty, log is not: replaying the log');
      if (!wasDamaged) deps.lose({ part: 'database', why: 'rebuilt' });
    }
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
  return database;
}

/** A log that was replaced, or brought back as it was earlier, is read again from its start. */
async function checkPositions({ bus, log, lose }: OpenDatabaseDeps, database: Database): Promise<void> {
  const logs = await Promise.all(
    Object.values(TOPICS).map(async (topic) => ({
      topic,
      id: bus.identity(topic),
      ranges: await bus.ranges(topic),
      isReadable: (from: number) => isReadable(bus, topic, from),
    })),
  );
  for (const found of await database.transaction((tx) => checkLog(tx, logs))) {
    const what =
      found.why === 'damaged'
        ? 'part of a topic log is unreadable: republishing what is needed'
        : 'the log of a topic is not the one that was read before; it is read again from its start';
    log.error({ ...found }, what);
    lose({ part: 'log', ...found });
  }
}

/** Whether no record from `from` on is missing. */
async function isReadable(bus: Bus, topic: Topic, from: number): Promise<boolean> {
  const [range] = await bus.ranges(topic);
  let next = from;
  for await (const { records } of readAll(bus, topic, { fromOffset: from })) {
    for (const { offset, since = offset } of records) {
      if (since > next) return false;
      next = offset + 1;
    }
  }
  return range === undefined || next >= range.next;
}

async function openOrReplace({
  place,
  engine,
  engineMemoryBytes,
  log,
  clock,
  lose,
  onDeath,
}: OpenDatabaseDeps): Promise<{ database: Database; wasDamaged: boolean }> {
  const options = { engine, engineMemoryBytes, log, clock, ...(onDeath === undefined ? {} : { onDeath }) };
  try {
    return { database: await openEngineOfDatabase(place, options), wasDamaged: false };
  } catch (error) {
    // What is damaged on a server is for whoever runs it to restore.
    if (place.kind === 'server' || !isGuardianError(error, 'STORE_CORRUPT') || !existsSync(place.path)) throw error;
    const { path } = place;
    // An engine without room to write says all sorts of things: nothing is thrown away for that.
    if (await hasNoRoom(path)) {
      throw new GuardianError('STORE_UNAVAILABLE', `The disk of the database is full: ${messageOf(error)}`, {
        retryable: true,
        cause: error,
      });
    }
    const aside = `${path}.corrupt-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-')}`;
    log.error({ err: error, aside }, 'database cannot be opened: quarantined, rebuilding from the log');
    await rename(path, aside);
    lose({ part: 'database', why: 'damaged', aside });
    return { database: await openEngineOfDatabase(place, options), wasDamaged: true };
  }
}
