import type { RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import type { RunState } from '@transaction-guardian/contracts/runbook-word.ts';
import type { Sql } from '../../database.ts';
import { createFilter } from '../filter.ts';
import { readPage, type Page, type PagedTable, type PageRequest } from '../page.ts';

/** Which runs; an absent field means all. */
export interface RunFilter {
  readonly runbook?: string;
  readonly state?: RunState;
}

const TABLE: PagedTable<{ readonly record: RunRecord }, RunRecord> = {
  table: 'runbook_run',
  columns: 'record, started_at, id',
  time: 'started_at',
  key: 'id',
  item: ({ record }) => record,
};

/** Lists runs, the newest first. Throws INGEST_INVALID for an invalid cursor. */
export async function listRuns(sql: Sql, wanted: RunFilter = {}, page: PageRequest = {}): Promise<Page<RunRecord>> {
  const filter = createFilter();
  filter.equals('runbook', wanted.runbook);
  filter.equals('state', wanted.state);
  return readPage(sql, TABLE, filter, page);
}

/** Reads one run; null when there is none. */
export async function readRun(sql: Sql, id: string): Promise<RunRecord | null> {
  const [row] = await sql.query<{ record: RunRecord }>('select record from runbook_run where id = $1', [id]);
  return row?.record ?? null;
}

/** The newest run of a runbook, and how many began by themselves at or after `sinceMs`. */
export async function readLastRun(
  sql: Sql,
  runbook: string,
  sinceMs: number,
): Promise<{ readonly last: RunRecord | null; readonly byItself: number }> {
  const [last] = await sql.query<{ record: RunRecord }>(
    `select record from runbook_run where runbook = $1 order by state = 'running' desc, started_at desc, id desc limit 1`,
    [runbook],
  );
  const [count] = await sql.query<{ n: number }>(
    'select count(*)::int as n from runbook_run where runbook = $1 and alert_key is not null and started_at >= $2',
    [runbook, sinceMs],
  );
  return { last: last?.record ?? null, byItself: count?.n ?? 0 };
}
