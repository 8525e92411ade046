import type { NotifiedAlert } from '@transaction-guardian/contracts/message.ts';
import { text } from '@transaction-guardian/contracts/text/text.ts';
import { groupKeyFor } from '../alert/group.ts';
import { holdOf } from '../alert/hold/hold.ts';
import type { Database, Sql } from '../store/database.ts';
import { lockStates, readHeldAlerts, type HeldAlert } from '../store/verbs/alert/alert-states.ts';
import { hasCovers, readAlertProof, readCovers, writeCover, type Cover } from '../store/verbs/proof/covers.ts';
import { hurryEscalation, markOverdue, readUnproven, type UnprovenRow } from '../store/verbs/proof/unproven.ts';
import type { ProofOptions } from './proof-options.ts';
import { queueAbout } from './queue-about.ts';
import { settleCovers } from './settle-covers.ts';

/** Looks once: a critical alert that fires, that nobody has acknowledged and of which nothing proves that its receiver was notified
 *  goes to the receiver's second channel, and where there is none, or that one proves nothing either, the next step of its escalation
 *  is due. All in one transaction, so that each is passed on once. Throws STORE_UNAVAILABLE. */
export async function passOn(database: Database, options: ProofOptions, now: number): Promise<void> {
  const wanted = { now, timeoutMs: options.timeoutMs, since: options.since };
  if ((await readUnproven(database, wanted)).length === 0 && !(await hasCovers(database))) return;
  await database.transaction(async (tx) => {
    await lockStates(tx);
    const firing = (await readHeldAlerts(tx)).filter(({ backfill }) => !backfill);
    await settleCovers(tx, options, firing, now);
    const covers = await readCovers(tx);
    for (const row of await readUnproven(tx, wanted)) await passOnMessage(tx, options, { row, firing, covers, now });
  });
}

interface Passing {
  readonly row: UnprovenRow;
  readonly firing: readonly HeldAlert[];
  readonly covers: readonly Cover[];
  readonly now: number;
}

/** A critical alert of a message, with what is known of it now. */
interface Waiting {
  readonly said: NotifiedAlert;
  readonly held: HeldAlert;
}

async function passOnMessage(tx: Sql, options: ProofOptions, { row, firing, covers, now }: Passing): Promise<void> {
  const waiting: Waiting[] = [];
  for (const said of row.message.firing) {
    const held = firing.find(({ fingerprint, startsAt }) => fingerprint === said.fingerprint && startsAt === Date.parse(said.starts_at));
    if (said.severity !== 'critical' || held === undefined || holdOf(held.state) !== null) continue;
    // Another alert of the message may be news, while this one arrived with an earlier message.
    const wanted = { receiver: row.receiver, ...held, since: now - options.repeatIntervalMs };
    if ((await readAlertProof(tx, wanted)) === null) waiting.push({ said, held });
  }
  if (waiting.length === 0) return;
  const backup = options.receivers.get(row.receiver)?.backup;
  if (backup === undefined) {
    if (row.overdueAt !== null) return;
    for (const { held } of waiting) await hurryEscalation(tx, held.anomalyId, held.severity, now);
  } else if (!(await coverAlerts(tx, options, { row, waiting, covers, backup, now }))) return;
  await markOverdue(tx, row.id, now);
}

/** Notifies the second channel of a message's alerts; false when it is notified of all of them. */
async function coverAlerts(
  tx: Sql,
  options: ProofOptions,
  {
    row,
    waiting,
    covers,
    backup,
    now,
  }: Pick<Passing, 'row' | 'covers' | 'now'> & { readonly waiting: readonly Waiting[]; readonly backup: string },
): Promise<boolean> {
  const isCovered = ({ held }: Waiting): boolean =>
    covers.some((one) => one.receiver === row.receiver && one.fingerprint === held.fingerprint && one.startsAt === held.startsAt);
  if (waiting.every(isCovered)) return false;
  const backupGroup = groupKeyFor({ scope: 'backup', receiver: row.receiver, group: row.groupKey });
  const line = text(options.locale, 'notify.backup', { receiver: row.receiver });
  const alerts = waiting.map(({ said }) => withLine(said, line));
  await queueAbout(tx, { receiver: backup, groupKey: backupGroup, firing: alerts, resolved: [] }, row.message.externalUrl, now);
  for (const { held } of waiting)
    await writeCover(tx, {
      ...{ receiver: row.receiver, groupKey: row.groupKey, fingerprint: held.fingerprint, startsAt: held.startsAt },
      ...{ backup, backupGroup, since: now, until: now + options.repeatIntervalMs },
    });
  return true;
}

/** The alert with a line in each text that a channel may show. */
function withLine(alert: NotifiedAlert, line: string): NotifiedAlert {
  const texts = ['summary', 'message', 'description'].map((name) => [name, `${alert.annotations[name] ?? ''}\n${line}`]);
  return { ...alert, annotations: { ...alert.annotations, ...Object.fromEntries(texts) } };
}
