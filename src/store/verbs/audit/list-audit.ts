import type { AuditEntry, AuditRow } from '@transaction-guardian/contracts/audit.ts';
import type { AuditedVerb } from '@transaction-guardian/contracts/audited-verb.ts';
import type { Sql } from '../../database.ts';
import { createFilter } from '../filter.ts';
import { readPage, type Page, type PagedTable, type PageRequest } from '../page.ts';
import { readAuditHead } from './append-audit.ts';
import { createChainCheck, type ChainState } from './chain.ts';

/** Which acts; an absent field means all. */
export interface AuditFilter {
  readonly actor?: string;
  readonly verb?: AuditedVerb;
  /** Done in [from, to), epoch milliseconds. */
  readonly from?: number;
  readonly to?: number;
}

interface StoredAudit {
  readonly number: number;
  readonly entry: AuditEntry;
  readonly hash: string;
}

const STEP = 1000;

const TABLE: PagedTable<StoredAudit, AuditRow> = {
  table: 'audit',
  columns: 'number, entry, hash',
  time: 'number',
  key: 'hash',
  item: ({ entry, hash }) => ({ ...entry, hash }),
};

/** Lists acts, the newest first. Throws INGEST_INVALID for an invalid cursor. */
export async function listAudit(sql: Sql, wanted: AuditFilter = {}, page: PageRequest = {}): Promise<Page<AuditRow>> {
  const filter = createFilter();
  filter.equals(`entry->'actor'->>'id'`, wanted.actor);
  filter.equals(`entry->>'verb'`, wanted.verb);
  // RFC 3339 in UTC with milliseconds: the order of the texts is that of the times.
  if (wanted.from !== undefined) filter.add(`entry->>'at' >= ?`, new Date(wanted.from).toISOString());
  if (wanted.to !== undefined) filter.add(`entry->>'at' < ?`, new Date(wanted.to).toISOString());
  return readPage(sql, TABLE, filter, page);
}

/** Hands out every row, the oldest first, with the number that it is stored under. */
export async function* readAudit(sql: Sql): AsyncGenerator<{ readonly number: number; readonly row: AuditRow }> {
  let after = -1;
  for (;;) {
    const rows = await sql.query<StoredAudit & Record<string, unknown>>(
      `select number, entry, hash from audit where number > $1 order by number limit ${STEP}`,
      [after],
    );
    for (const { number, entry, hash } of rows) yield { number, row: { ...entry, hash } };
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.number;
  }
}

/** Checks the whole chain. `noted`: a hash that was the newest once; `hasNoted` says whether the good rows still hold it. */
export async function verifyAudit(sql: Sql, noted?: string): Promise<ChainState & { readonly hasNoted: boolean }> {
  const check = createChainCheck(await readAuditHead(sql));
  let hasNoted = noted === undefined;
  for await (const { number, row } of readAudit(sql)) {
    check.take(row, number);
    if (check.state().fault !== null) break;
    hasNoted ||= row.hash === noted;
  }
  return { ...check.ended(), hasNoted };
}
