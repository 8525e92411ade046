import { existsSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditRow } from '@transaction-guardian/contracts/audit.ts';
import type { Database } from '../store/database.ts';
import { insertAudit } from '../store/verbs/audit/append-audit.ts';
import { readAudit } from '../store/verbs/audit/list-audit.ts';

const fileIn = (root: string): string => join(root, 'audit-kept.ndjson');

/** Writes the whole audit beside a database that is about to be thrown away, on the disk when it resolves: the log cannot
 *  make it again. */
export async function keepAudit(root: string, database: Database): Promise<void> {
  const file = await open(fileIn(root), 'w', 0o600);
  try {
    for await (const { row } of readAudit(database)) await file.write(`${JSON.stringify(row)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Takes a kept audit into a database that has none, row for row as it was, and removes the file. Doing it again changes
 *  nothing. */
export async function restoreAudit(root: string, database: Database): Promise<void> {
  const path = fileIn(root);
  if (!existsSync(path)) return;
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditRow);
  await database.transaction(async (tx) => {
    const [{ n } = { n: 0 }] = await tx.query<{ n: number }>('select count(*)::int as n from audit');
    if (n === 0) for (const row of rows) await insertAudit(tx, row);
  });
  rmSync(path);
}
