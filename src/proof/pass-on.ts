import type { Database, Sql } from '../store/database.ts';
import { holdOf } from '../alert/hold/hold.ts';
import { lockStates, readHeldAlerts, type HeldAlert } from '../store/verbs/alert/alert-states.ts';
import { passFiringOn, readAlertProof } from '../store/verbs/proof/passed-on.ts';
import { hurryEscalation, markOverdue, readUnproven, type UnprovenRow } from '../store/verbs/proof/unproven.ts';
import type { ProofOptions } from './proof-options.ts';

/** Looks once: a critical alert that fires, that nobody has acknowledged and of which nothing proves that its receiver was notified
 *  concerns the receiver's second channel from now on, and where there is none, or that one proves nothing either, the next step of its
 *  escalation is due. Who was notified, and so who hears of the end, is the same record for both channels (`notify_group`). All in one
 *  transaction, so that each is passed on once. Throws STORE_UNAVAILABLE. */
export async function passOn(database: Database, options: ProofOptions, now: number): Promise<void> {
  const wanted = { now, timeoutMs: options.timeoutMs, since: options.since };
  if ((await readUnproven(database, wanted)).length === 0) return;
  await database.transaction(async (tx) => {
    await lockStates(tx);
    const firing = (await readHeldAlerts(tx)).filter(({ backfill }) => !backfill);
    for (const row of await readUnproven(tx, wanted)) await passOnMessage(tx, options, { row, firing, now });
  });
}

interface Passing {
  readonly row: UnprovenRow;
  readonly firing: readonly HeldAlert[];
  readonly now: number;
}

async function passOnMessage(tx: Sql, options: ProofOptions, { row, firing, now }: Passing): Promise<void> {
  const backup = options.receivers.get(row.receiver)?.backup;
  const waiting: HeldAlert[] = [];
  for (const said of row.message.firing) {
    const held = firing.find(({ fingerprint, startsAt }) => fingerprint === said.fingerprint && startsAt === Date.parse(said.starts_at));
    if (said.severity !== 'critical' || held === undefined || holdOf(held.state) !== null) continue;
    if (!(await isProven(tx, [row.receiver, ...(backup === undefined ? [] : [backup])], held, now - options.repeatIntervalMs)))
      waiting.push(held);
  }
  if (waiting.length === 0) return;
  if (backup === undefined) {
    if (row.overdueAt !== null) return;
    await markOverdue(tx, row.id, now);
    for (const { anomalyId, severity } of waiting) await hurryEscalation(tx, anomalyId, severity, now);
    return;
  }
  await markOverdue(tx, row.id, now);
  const { receiver, groupKey } = row;
  for (const { fingerprint, startsAt } of waiting)
    await passFiringOn(tx, { receiver, groupKey, fingerprint, startsAt, backup, at: now }, now - options.repeatIntervalMs);
}

/** Whether one of the receivers is proven to have a firing: another alert of the message may be news, while this one arrived earlier. */
async function isProven(tx: Sql, receivers: readonly string[], { fingerprint, startsAt }: HeldAlert, since: number): Promise<boolean> {
  for (const receiver of receivers) if ((await readAlertProof(tx, { receiver, fingerprint, startsAt, since })) !== null) return true;
  return false;
}
