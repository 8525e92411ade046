import { existsSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditRow } from '@transaction-guardian/contracts/audit.ts';
import type { Database, Sql } from '../store/database.ts';
import { insertAudit } from '../store/verbs/audit/append-audit.ts';
import { readAudit } from '../store/verbs/audit/list-audit.ts';

const fileIn = (root: string): string => join(root, 'audit-kept.ndjson');

/** Tables besides the audit that the log cannot rebuild: what people did that is in no topic. Those that others refer to come
 *  first. */
const KEPT = [
  'act',
  'access_link',
  'access_session',
  'alert_response',
  'maintenance',
  'silence',
  'silence_hit',
  'runbook_run',
  'briefing',
  'incident',
  'incident_alert',
  'incident_entry',
  'oncall_change',
  'escalation',
  'escalation_step',
  'service_state',
] as const;
/** The columns that count up. */
const NUMBERED: ReadonlyMap<string, string> = new Map([
  ['alert_response', 'id'],
  ['oncall_change', 'number'],
]);

type KeptRow = { readonly table: (typeof KEPT)[number]; readonly row: object } | { readonly table: 'audit'; readonly row: AuditRow };

/** Writes what people did beside a database that is about to be thrown away, on the disk when it resolves: the log cannot make
 *  it again. */
export async function keepTables(root: string, database: Database): Promise<void> {
  const file = await open(fileIn(root), 'w', 0o600);
  const write = (kept: KeptRow) => file.write(`${JSON.stringify(kept)}\n`);
  try {
    for await (const { row } of readAudit(database)) await write({ table: 'audit', row });
    for (const table of KEPT) {
      const rows = await database.query<{ row: object }>(`select to_jsonb(${table}) as row from ${table}`);
      for (const { row } of rows) await write({ table, row });
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Takes what was kept into a database that has none of it, row for row as it was, and removes the file. Doing it again changes
 *  nothing. */
export async function restoreTables(root: string, database: Database): Promise<void> {
  const path = fileIn(root);
  if (!existsSync(path)) return;
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as KeptRow | AuditRow)
    .map((kept): KeptRow => ('table' in kept ? kept : { table: 'audit', row: kept }));
  await database.transaction(async (tx) => {
    for (const table of ['audit', ...KEPT] as const) {
      if (!(await isEmpty(tx, table))) continue;
      for (const kept of rows) if (kept.table === table) await restore(tx, kept);
      const column = NUMBERED.get(table);
      if (column === undefined) continue;
      const next = `greatest(1, (select coalesce(max(${column}), 1) from ${table}))`;
      await tx.query(`select setval(pg_get_serial_sequence('${table}', '${column}'), ${next})`);
    }
  });
  rmSync(path);
}

async function isEmpty(tx: Sql, table: KeptRow['table']): Promise<boolean> {
  const [{ n } = { n: 0 }] = await tx.query<{ n: number }>(`select count(*)::int as n from ${table}`);
  return n === 0;
}

async function restore(tx: Sql, { table, row }: KeptRow): Promise<void> {
  if (table === 'audit') await insertAudit(tx, row);
  else
    await tx.query(`insert into ${table} overriding system value select * from jsonb_populate_record(null::${table}, $1::jsonb)`, [
      JSON.stringify(row),
    ]);
}
