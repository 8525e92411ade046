import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { AuditEntry, AuditHead, AuditRow } from '@transaction-guardian/contracts/audit.ts';
import type { AuditedVerb } from '@transaction-guardian/contracts/audited-verb.ts';
import { isSecretName, redactLine } from '../../../telemetry/redact.ts';
import type { Sql } from '../../database.ts';
import { FIRST_PREVIOUS, hashOfEntry } from './chain.ts';

/** An act before it happens. */
export interface AuditedAct {
  readonly actor: Omit<Actor, 'scopes' | 'role' | 'message_id'> & Partial<Pick<Actor, 'message_id'>>;
  readonly verb: AuditedVerb;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Wall clock, epoch milliseconds. */
  readonly at: number;
}

/** What came of it. `before` and `after`: what it changed; null where there was, or is, nothing. */
export type AuditedOutcome = Pick<AuditEntry, 'result'> & Partial<Pick<AuditEntry, 'before' | 'after'>>;

/** Does `work` in a transaction and writes its row into the same one: either both are stored or neither. Writers wait for one
 *  another from the start of the act, so that there is one chain and `before` is what the act found. Without an outcome there is no row: nothing was asked for the first time. */
export async function audited<T>(
  tx: Sql,
  act: AuditedAct,
  work: () => Promise<{ readonly value: T; readonly outcome: AuditedOutcome | null }>,
): Promise<T> {
  await tx.exec('lock table audit in exclusive mode');
  const { value, outcome } = await work();
  if (outcome === null) return value;
  const last = await readAuditHead(tx);
  const { id, kind, name, claimed_name, channel, address, message_id = null } = act.actor;
  const entry: AuditEntry = {
    number: (last?.number ?? 0) + 1,
    at: new Date(act.at).toISOString(),
    actor: { id, kind, name, claimed_name: claimed_name === null ? null : redactLine(claimed_name) },
    channel,
    address,
    ...(message_id === null ? {} : { message_id: redactLine(message_id) }),
    verb: act.verb,
    arguments: masked(act.arguments),
    result: outcome.result,
    before: outcome.before ? masked(outcome.before) : null,
    after: outcome.after ? masked(outcome.after) : null,
    previous: last?.hash ?? FIRST_PREVIOUS,
  };
  await insertAudit(tx, { ...entry, hash: hashOfEntry(entry) });
  return value;
}

/** Stores a row as it is, as the newest one. */
export async function insertAudit(tx: Sql, { hash, ...entry }: AuditRow): Promise<void> {
  await tx.query('insert into audit (number, entry, hash) values ($1, $2::jsonb, $3)', [entry.number, JSON.stringify(entry), hash]);
  await tx.query(
    'insert into audit_head (number, hash) values ($1, $2) on conflict (id) do update set number = excluded.number, hash = excluded.hash',
    [entry.number, hash],
  );
}

/** The newest row, as it was when it was written: also where rows were removed since. Undefined before the first. */
export async function readAuditHead(sql: Sql): Promise<AuditHead | undefined> {
  const [head] = await sql.query<AuditHead & Record<string, unknown>>('select number, hash from audit_head');
  return head;
}

/** The facts without card numbers and secrets, wherever they stand in them. */
function masked(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(facts, maskedValue));
}

function maskedValue(name: string, value: unknown): unknown {
  if (isSecretName(name)) return '[removed]';
  if (typeof value === 'string') return redactLine(value);
  // A card number may come as a number, too.
  return Number.isInteger(value) && Math.abs(value as number) >= 1e12 ? maskedNumber(value as number) : value;
}

function maskedNumber(value: number): number | string {
  const digits = String(value);
  const shown = redactLine(`"${digits}"`).slice(1, -1);
  return shown === digits ? value : shown;
}
