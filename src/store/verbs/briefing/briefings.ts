import type { ActorIdentity } from '@transaction-guardian/contracts/actor.ts';
import type { BriefingFacts } from '@transaction-guardian/contracts/briefing.ts';
import type { Sql } from '../../database.ts';
import { createFilter } from '../filter.ts';
import { readPage, type Page, type PagedTable, type PageRequest } from '../page.ts';

/** A briefing as stored; times are epoch milliseconds. */
export interface BriefingRow {
  readonly id: string;
  readonly shift: string;
  readonly kind: 'start' | 'end';
  readonly due_at: number;
  readonly made_at: number;
  readonly from_at: number;
  readonly to_at: number;
  readonly facts: BriefingFacts;
  readonly accepted_by: ActorIdentity | null;
  readonly accepted_at: number | null;
}

const COLUMNS = 'id, shift, kind, due_at, made_at, from_at, to_at, facts, accepted_by, accepted_at';
const TABLE: PagedTable<BriefingRow, BriefingRow> = { table: 'briefing', columns: COLUMNS, time: 'due_at', key: 'id', item: (row) => row };

/** Stores a briefing; false where it is there already. */
export async function insertBriefing(tx: Sql, row: Omit<BriefingRow, 'accepted_by' | 'accepted_at'>): Promise<boolean> {
  const rows = await tx.query(
    `insert into briefing (id, shift, kind, due_at, made_at, from_at, to_at, facts) values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)
     on conflict (id) do nothing returning id`,
    [row.id, row.shift, row.kind, row.due_at, row.made_at, row.from_at, row.to_at, JSON.stringify(row.facts)],
  );
  return rows.length > 0;
}

/** Which of these ids are stored. */
export async function findBriefings(sql: Sql, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ id: string }>('select id from briefing where id = any($1::text[])', [[...ids]]);
  return new Set(rows.map(({ id }) => id));
}

/** Lists briefings, the latest due first. Throws INGEST_INVALID for an invalid cursor. */
export async function listBriefings(sql: Sql, page: PageRequest): Promise<Page<BriefingRow>> {
  return readPage(sql, TABLE, createFilter(), page);
}

/** One briefing; the latest that is due where no id is given. `lock` keeps it for the transaction. */
export async function readBriefing(sql: Sql, id: string | null, lock = false): Promise<BriefingRow | null> {
  const where = id === null ? 'order by due_at desc, id desc limit 1' : 'where id = $1';
  const rows = await sql.query<BriefingRow>(
    `select ${COLUMNS} from briefing ${where}${lock ? ' for update' : ''}`,
    id === null ? [] : [id],
  );
  return rows[0] ?? null;
}

/** Notes who accepted a briefing. */
export async function acceptBriefing(tx: Sql, id: string, by: ActorIdentity, at: number): Promise<void> {
  await tx.query('update briefing set accepted_by = $2::jsonb, accepted_at = $3 where id = $1', [id, JSON.stringify(by), at]);
}

/** Briefings whose receivers still believe them open. */
export async function readOpenBriefings(tx: Sql): Promise<BriefingRow[]> {
  return tx.query<BriefingRow>(`select ${COLUMNS} from briefing where ended_at is null order by due_at, id for update`);
}

/** Notes that a briefing is over. */
export async function endBriefing(tx: Sql, id: string, at: number): Promise<void> {
  await tx.query('update briefing set ended_at = $2 where id = $1', [id, at]);
}

/** Keys of what waited in the latest briefing, where nobody accepted it. Of an end and a start at the same time one that is accepted
 *  is enough: they hand over the same. */
export async function readCarriedKeys(sql: Sql, before: number): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ facts: BriefingFacts; accepted_at: number | null }>(
    'select facts, accepted_at from briefing where due_at = (select max(due_at) from briefing where due_at < $1)',
    [before],
  );
  if (rows.some(({ accepted_at: at }) => at !== null)) return new Set();
  return new Set(rows.flatMap(({ facts }) => facts.pendencies.map(({ key }) => key)));
}
