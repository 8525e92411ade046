import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { repeat, type Stage } from '../stage.ts';
import type { Database } from './database.ts';
import { deleteInSteps } from './delete-in-steps.ts';
import { removeTransactions } from './remove-transactions.ts';
import { dropPartitions, isPartitioned, makePartitions, MINUTE_COUNTS, TRANSACTIONS } from './verbs/transaction/time-partitions.ts';
import { deleteOld, deleteOldCounts, type OldKind } from './verbs/transaction/delete-old.ts';
import { dropOldChunks, type ChunkedTable } from './verbs/transaction/drop-old-chunks.ts';
import { readCloser } from './verbs/window/window-closer.ts';

export interface UpkeepDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long things are kept, in days. */
export interface UpkeepOptions {
  readonly rawRetentionDays: number;
  readonly scoreRetentionDays: number;
  readonly countRetentionDays: number;
  readonly notificationRetentionDays: number;
  /** Transactions are stored as rows here: tables of the next days are made. */
  readonly keepsTransactions?: boolean;
  /** Between two rounds (default 600 000 ms), and between two steps of one (default 100 ms). */
  readonly everyMs?: number;
  readonly pauseMs?: number;
}

/** Keeps the database small, a little at a time. */
export interface Upkeep extends Stage {
  /** Deletes everything that is past its retention now, step by step. Ends early when the upkeep is stopped. */
  round(): Promise<void>;
}

const DAY_MS = 86_400_000;
/** Days ahead for which there are tables, should nobody make more: what comes later has one table for all. */
const AHEAD_DAYS = 3;
/** A message that a channel delivers again comes within days; a conversation is over after hours. */
const CHAT_DAYS = 7;
/** The uptime looks 30 days back, and beyond for the beginning of its record. */
const SERVICE_STATE_DAYS = 100;

/** Creates the stage that deletes what is past its retention. Raw rows and messages age by the wall clock; counts, scores, anomalies
 *  and alerts by the time of the stream, so that an old recording keeps its history. Failures wait for the next round. */
export function createUpkeep(deps: UpkeepDeps, options: UpkeepOptions): Upkeep {
  const { database, log } = deps;
  const steps = () => ({ signal: loop.signal, pause: () => loop.pause(options.pauseMs ?? 100) });
  const clean = async (kind: OldKind, before: number): Promise<void> => {
    if (kind === 'transaction_key') return cleanTransactions(before);
    const chunks = isChunked(kind) ? await dropOldChunks(database, kind, before) : null;
    if (chunks !== null) {
      if (chunks > 0) log.info({ kind, chunks, before: new Date(before).toISOString() }, 'expired chunks dropped');
      return;
    }
    if (kind === 'minute_count' && (await isPartitioned(database, MINUTE_COUNTS))) return cleanWeeks(before);
    const total = await deleteInSteps(deps, steps(), (tx, limit) => deleteOld(tx, kind, { before, limit }));
    if (total > 0) log.info({ kind, deleted: total, before: new Date(before).toISOString() }, 'expired rows deleted');
  };

  const cleanWeeks = async (before: number): Promise<void> => {
    const tables = await dropPartitions(database, MINUTE_COUNTS, before);
    let deleted = 0;
    for (const table of ['minute_count_before', 'minute_count_later'] as const)
      deleted += await deleteInSteps(deps, steps(), (tx, limit) => deleteOldCounts(tx, table, { before, limit }));
    if (tables.length + deleted === 0) return;
    log.info({ kind: 'minute_count', tables, deleted, before: new Date(before).toISOString() }, 'expired counts deleted');
  };

  const cleanTransactions = async (before: number): Promise<void> => {
    const { tables, transactions } = await removeTransactions(deps, { before, ...steps() });
    if (tables + transactions === 0) return;
    log.info(
      { kind: 'transaction', tables, deleted: transactions, before: new Date(before).toISOString() },
      'expired transactions deleted',
    );
  };

  const round = async (): Promise<void> => {
    const now = deps.clock.now();
    const ahead = { from: now - DAY_MS, to: now + AHEAD_DAYS * DAY_MS };
    if (options.keepsTransactions === true) await makePartitions(database, TRANSACTIONS, ahead);
    await makePartitions(database, MINUTE_COUNTS, ahead);
    const failures: unknown[] = [];
    // A reader that holds one table for hours keeps the others from nothing.
    for (const [kind, before] of await cutoffs(deps, options)) await clean(kind, before).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };

  const loop = repeat(round, { everyMs: options.everyMs ?? 600_000, log, failure: 'failed to delete expired rows, retrying later' });
  const { start, stop, health } = loop;
  return { name: 'upkeep', start, stop, health, round };
}

/** Rows of a hypertable have no place of their own that a deletion in steps could go by. */
function isChunked(kind: OldKind): kind is OldKind & ChunkedTable {
  return kind === 'minute_count' || kind === 'minute_slice';
}

async function cutoffs({ database, clock }: UpkeepDeps, options: UpkeepOptions): Promise<readonly (readonly [OldKind, number])[]> {
  const now = clock.now();
  const messages = now - options.notificationRetentionDays * DAY_MS;
  const ours = [
    ['transaction_key', now - options.rawRetentionDays * DAY_MS],
    ['notification', messages],
    ['notify_group', messages],
    ['passed_on', messages],
    ['receipt', messages],
    ['alert_response', messages],
    ['silence', messages],
    ['maintenance', messages],
    ['chat_answer', now - CHAT_DAYS * DAY_MS],
    ['chat_context', now - CHAT_DAYS * DAY_MS],
    ['service_state', now - SERVICE_STATE_DAYS * DAY_MS],
  ] as const;
  const { max_event_at: reached } = await readCloser(database);
  if (reached === null) return ours;
  // The stream's own time, never ahead of ours: a recording of long ago has its newest minute as its present.
  const present = Math.min(now, reached);
  const counts = present - options.countRetentionDays * DAY_MS;
  const kinds = ['minute_count', 'minute_slice', 'minute', 'anomaly', 'alert', 'feedback'] as const;
  return [
    ...ours,
    ['minute_score', present - options.scoreRetentionDays * DAY_MS] as const,
    ...kinds.map((kind) => [kind, counts] as const),
  ];
}
