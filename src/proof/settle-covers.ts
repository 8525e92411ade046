import type { NotifiedAlert } from '@transaction-guardian/contracts/message.ts';
import type { Sql } from '../store/database.ts';
import { readStatedAlerts, type HeldAlert } from '../store/verbs/alert/alert-states.ts';
import {
  deleteCover,
  dropPending,
  flushGroup,
  proveCover,
  readAlertProof,
  readCovers,
  readNoticeProof,
  type Cover,
} from '../store/verbs/proof/covers.ts';
import type { ProofOptions } from './proof-options.ts';
import { queueAbout } from './queue-about.ts';

/** Brings covers up to date: one whose alert is over notifies the second channel of that; one that the first receiver has after all is dropped
 *  while the second has not; one that the second has keeps the first from saying the same later, until it is time for a repeat. */
export async function settleCovers(tx: Sql, options: ProofOptions, firing: readonly HeldAlert[], now: number): Promise<void> {
  for (const covers of Map.groupBy(await readCovers(tx), ({ backup, backupGroup }) => JSON.stringify([backup, backupGroup])).values())
    await settleGroup(tx, options, { covers, firing, now });
}

interface CoverGroup {
  /** Covers of one message to a second channel. */
  readonly covers: readonly Cover[];
  readonly firing: readonly HeldAlert[];
  readonly now: number;
}

async function settleGroup(tx: Sql, options: ProofOptions, { covers, firing, now }: CoverGroup): Promise<void> {
  const [first] = covers;
  if (first === undefined) return;
  const { backup, backupGroup } = first;
  const notice = await readNoticeProof(tx, backup, backupGroup);
  const isOver = (cover: Cover): boolean =>
    !firing.some(({ fingerprint, startsAt }) => fingerprint === cover.fingerprint && startsAt === cover.startsAt);
  const ended: Cover[] = [];
  let open = 0;
  for (const cover of covers) {
    const provenAt = cover.provenAt ?? notice?.receivedAt ?? null;
    if (isOver(cover)) {
      await deleteCover(tx, cover);
      ended.push({ ...cover, provenAt });
    } else if (provenAt === null && (await readAlertProof(tx, cover)) !== null) {
      await deleteCover(tx, cover);
    } else if (cover.until <= now) {
      await deleteCover(tx, cover);
      await flushGroup(tx, cover.receiver, cover.groupKey, now);
    } else {
      open += 1;
      if (cover.provenAt === null && provenAt !== null) await proveCover(tx, cover, provenAt);
    }
  }
  // Nothing fires any more that the message which still waits would speak of.
  if (open === 0 && notice?.state === 'pending') await dropPending(tx, backup, backupGroup);
  const mayKnow = ended.filter(({ provenAt }) => provenAt !== null || (notice?.attempts ?? 0) > 0);
  if (open === 0 && mayKnow.length > 0 && options.receivers.get(backup)?.send_resolved === true) await announceEnd(tx, mayKnow, now);
}

async function announceEnd(tx: Sql, ended: readonly Cover[], now: number): Promise<void> {
  const [first] = ended;
  if (first === undefined) return;
  const alerts = (await readStatedAlerts(tx, ended)).map(({ alert }): NotifiedAlert => {
    const { status, severity, labels, annotations, starts_at, ends_at, fingerprint } = alert;
    return { status, severity, labels, annotations, starts_at, ends_at, fingerprint };
  });
  if (alerts.length === 0) return;
  const about = { receiver: first.backup, groupKey: first.backupGroup, firing: [], resolved: alerts };
  await queueAbout(tx, about, '', now);
}
