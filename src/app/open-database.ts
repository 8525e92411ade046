import { existsSync, statfsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import type { Logger } from 'pino';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import { ALERT_GROUP } from '../alert/worker.ts';
import type { EmbeddedBus } from '../bus/embedded/embedded.ts';
import type { Clock } from '../clock.ts';
import { DETECT_GROUP } from '../detect/stage/worker.ts';
import { restoreFeedback } from './restore-feedback.ts';
import { GuardianError, isGuardianError, messageOf } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { openPglite } from '../store/pglite/open-pglite.ts';
import { checkLog } from '../store/verbs/log/check-log.ts';
import { READERS } from './readers.ts';
import { adoptLog } from '../store/verbs/log/adopt-log.ts';

export interface OpenDatabaseDeps {
  readonly path: string;
  /** The engine's code, where it was compiled before. */
  readonly engine?: Promise<WebAssembly.Module> | undefined;
  readonly bus: EmbeddedBus;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called when the database can serve no more until it is opened again. */
  readonly onDeath?: () => void;
}

/** Topics that the stages make from `guardian.transactions`, and who reads each. */
const DERIVED: readonly { readonly topic: Topic; readonly group: string }[] = [
  { topic: TOPICS.windows, group: DETECT_GROUP },
  { topic: TOPICS.anomalies, group: ALERT_GROUP },
];

/** Opens the embedded database with the current schema. One that cannot be opened is put aside and a new one is made: the
 *  window stage then counts the whole log again, and the stages behind it start at what it publishes from now on. */
export async function openDatabase(deps: OpenDatabaseDeps): Promise<Database> {
  const database = await openOrReplace(deps);
  try {
    await migrate({ database, log: deps.log, clock: deps.clock });
    await checkPositions(deps, database);
    const derived = await Promise.all(DERIVED.map(async (one) => ({ ...one, ranges: await deps.bus.ranges(one.topic) })));
    const isNew = await database.transaction((tx) => adoptLog(tx, { windows: TOPICS.windows, derived }));
    if (isNew) await restoreFeedback(deps.bus, database);
    const [transactions] = await deps.bus.ranges(TOPICS.transactions);
    if (isNew && transactions !== undefined && transactions.next > transactions.earliest) {
      deps.log.warn(
        { records: transactions.next - transactions.earliest },
        'the database is new and the log is not: counting the log again',
      );
    }
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
  return database;
}

/** A log that was replaced, or brought back as it was earlier, is read again from its start. */
async function checkPositions({ bus, log }: OpenDatabaseDeps, database: Database): Promise<void> {
  const logs = await Promise.all(READERS.map(async ({ topic }) => ({ topic, id: bus.identity(topic), ranges: await bus.ranges(topic) })));
  for (const { topic, why } of await database.transaction((tx) => checkLog(tx, logs))) {
    log.error({ topic, why }, 'the log of a topic is not the one that was read before; it is read again from its start');
  }
}

async function openOrReplace({ path, engine, log, clock, onDeath }: OpenDatabaseDeps): Promise<Database> {
  const options = { dir: path, engine, log, clock, ...(onDeath === undefined ? {} : { onDeath }) };
  try {
    return await openPglite(options);
  } catch (error) {
    if (!isGuardianError(error, 'STORE_CORRUPT') || !existsSync(path)) throw error;
    // An engine without room to write says all sorts of things: nothing is thrown away for that.
    if (hasNoRoom(path)) {
      throw new GuardianError('STORE_UNAVAILABLE', `The disk of the database is full: ${messageOf(error)}`, {
        retryable: true,
        cause: error,
      });
    }
    const aside = `${path}.corrupt-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-')}`;
    log.error({ err: error, aside }, 'the database cannot be opened; it is put aside and made again from the log');
    await rename(path, aside);
    return openPglite(options);
  }
}

/** Less than the engine writes to recover: a segment of its log and some pages. */
const NEEDED_BYTES = 33_554_432;

function hasNoRoom(path: string): boolean {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize < NEEDED_BYTES;
}
