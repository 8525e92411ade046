import { createHash } from 'node:crypto';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { ActVerb } from '@transaction-guardian/contracts/audited-verb.ts';
import type { Role } from '@transaction-guardian/contracts/role.ts';
import type { Clock } from '../clock.ts';
import { GuardianError } from '../errors.ts';
import type { Database, Sql } from '../store/database.ts';
import { retryConflicts } from '../store/retry-conflicts.ts';
import { findAct, writeAct, type StoredAct } from '../store/verbs/act/stored-act.ts';
import { audited, type AuditedOutcome } from '../store/verbs/audit/append-audit.ts';
import { canonicalJson } from '../store/verbs/audit/chain.ts';
import { includesRole } from './directory.ts';
import { PERMISSIONS } from './permissions.ts';

/** What somebody wants to do. */
export interface ActRequest {
  /** Who, from where, and for which message. */
  readonly actor: Actor;
  readonly verb: ActVerb;
  /** What the audit shows of it, and what distinguishes a repeat of a message from another use of its id. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** When it was done, where that was before the database could be asked; epoch milliseconds. */
  readonly at?: number;
}

/** What an act gives back, and what the audit says of it. `value` is stored as JSON. */
export interface Acted<T> {
  readonly value: T;
  readonly outcome: AuditedOutcome;
}

/** Does what somebody asks for: the only way to act. It asks the permission, calls `work` and writes the audit row, all in one
 *  transaction of the database. With a message id in the actor it happens once: a repeat, also after a crash, gets the stored
 *  value without `work`. Throws AUTH_ROLE when the role does not allow it, which is audited; ACT_CONFLICT when the message id
 *  was used for another act; STORE_UNAVAILABLE; and what `work` throws, which leaves nothing behind. */
export type Act = <T>(request: ActRequest, work: (tx: Sql) => Promise<Acted<T>>) => Promise<T>;

type Done<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'forbidden'; readonly role: Role };

/** Makes the place through which everything acts. */
export function createAct({ database, clock }: { readonly database: Database; readonly clock: Clock }): Act {
  return async <T>(request: ActRequest, work: (tx: Sql) => Promise<Acted<T>>): Promise<T> => {
    const at = request.at ?? clock.now();
    const done = await retryConflicts(() => database.transaction((tx) => once<T>(tx, request, at, work)));
    if (done.kind === 'done') return done.value;
    throw roleError(request.verb, done.role);
  };
}

/** Throws AUTH_ROLE when the actor's role does not allow a verb: for what is done where no database can be asked. */
export function requireRole(actor: Actor, verb: ActVerb): void {
  const role = PERMISSIONS[verb];
  if (!includesRole(actor.role, role)) throw roleError(verb, role);
}

const roleError = (verb: ActVerb, role: Role): GuardianError =>
  new GuardianError('AUTH_ROLE', `${verb} needs the role ${role}.`, { data: { verb, role } });

async function once<T>(tx: Sql, request: ActRequest, at: number, work: (tx: Sql) => Promise<Acted<T>>): Promise<Done<T>> {
  const { actor, verb } = request;
  const key = actor.message_id === null ? null : { channel: actor.channel, message_id: actor.message_id };
  const asked = { actor: actor.id, verb, arguments: hashOf(request.arguments) };
  return audited(tx, { ...request, at }, async () => {
    const before = key === null ? undefined : await findAct(tx, key);
    if (before !== undefined) return { value: repeated<T>(before, asked), outcome: null };
    const role = PERMISSIONS[verb];
    const isAllowed = includesRole(actor.role, role);
    const { value, outcome } = isAllowed ? await work(tx) : { value: null, outcome: { result: 'forbidden' as const } };
    if (key !== null) await writeAct(tx, { ...key, ...asked, value: value ?? null, forbidden: isAllowed ? null : role, at });
    return { value: isAllowed ? { kind: 'done', value: value as T } : { kind: 'forbidden', role }, outcome };
  });
}

/** The outcome of the first time. */
function repeated<T>(before: StoredAct, asked: Pick<StoredAct, 'actor' | 'verb' | 'arguments'>): Done<T> {
  const isSame = before.actor === asked.actor && before.verb === asked.verb && before.arguments === asked.arguments;
  if (!isSame) throw new GuardianError('ACT_CONFLICT', `The message ${before.message_id} was used for another act.`);
  return before.forbidden === null ? { kind: 'done', value: before.value as T } : { kind: 'forbidden', role: before.forbidden };
}

const hashOf = (facts: Readonly<Record<string, unknown>>): string =>
  createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(facts))))
    .digest('hex');
