import type { Logger } from 'pino';
import type { Act } from '../auth/act.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import {
  claimElsewhereHold,
  endElsewhereHold,
  readElsewhereHolds,
  removeElsewhereHolds,
  writeElsewhereHold,
} from '../store/verbs/alertmanager/elsewhere-holds.ts';
import { RELEASING } from './act-elsewhere.ts';
import { actorThere } from './act-as-there.ts';
import {
  elsewhereHold,
  fingerprintIn,
  holdIn,
  holdsAt,
  isLive,
  liveSilencesOf,
  readSilencesElsewhere,
  silenceOf,
  type ElsewhereHold,
  type SilencedInstance,
} from './elsewhere-silence.ts';
import type { HeldElsewhere } from './held.ts';
import type { WireSilence } from './silence-api.ts';
import { SAME_MS } from './silence-sync.ts';

/** An alert that is not there for so long has ended: an Alertmanager that was restarted is sent its alerts again within a minute. */
const OVER_MS = 120_000;
/** What ended there since then may be an act that is not noted here yet. */
const SETTLE_MS = 5000;
/** Between two attempts at putting one back. */
const RESTORE_MS = 10_000;

export interface KeepElsewhereDeps {
  readonly act: Act;
  readonly clock: Clock;
  readonly database: Database;
  readonly log: Logger;
  readonly heldElsewhere: () => Promise<HeldElsewhere>;
  readonly instances: readonly SilencedInstance[];
}

/** Makes the look that keeps every Alertmanager to what holds back alerts of others: one that was away, or has lost its data, gets the
 *  silence again; where somebody ended it in one of them it ends in all, and here. An acknowledgement and a snooze end with their alert,
 *  so that the end is reported and the next time notifies; a silence lasts as long as it was asked for. Never rejects. */
export function createKeepElsewhere({ act, clock, database, log, heldElsewhere, instances }: KeepElsewhereDeps): () => Promise<void> {
  const missingSince = new Map<string, number>();
  type Listed = Awaited<ReturnType<typeof readSilencesElsewhere>>['found'];

  /** What is kept, and what only a silence says: one that was made before it was noted here, or by another program. */
  async function read(found: Listed, now: number): Promise<ElsewhereHold[]> {
    const kept = new Map((await readElsewhereHolds(database)).map((row) => [row.fingerprint, elsewhereHold(row)]));
    if ([...kept.values()].some(({ until }) => until <= now)) await database.transaction((tx) => removeElsewhereHolds(tx, now));
    for (const silence of found.flatMap(({ silences }) => silences.filter(isLive))) {
      const hold = holdIn(silence);
      if (hold === null) continue;
      const known = kept.get(hold.fingerprint);
      const isNew =
        known === undefined || known.until <= now || (known.endedAt !== null && Date.parse(silence.updatedAt) > known.endedAt + SAME_MS);
      if (!isNew) continue;
      await database.transaction((tx) => writeElsewhereHold(tx, hold));
      kept.set(hold.fingerprint, hold);
    }
    return [...kept.values()].filter(({ until }) => until > now);
  }

  /** Fingerprints whose alert has ended; null: nobody knows what fires. */
  async function over(holds: readonly ElsewhereHold[], now: number): Promise<ReadonlySet<string>> {
    const lasting = holds.filter((one) => one.kind !== 'silence' && holdsAt(one, now));
    const { alerts } = lasting.length === 0 ? { alerts: [] } : await heldElsewhere();
    if (alerts === null) return new Set();
    const there = new Set(alerts.map(({ fingerprint }) => fingerprint));
    const gone = new Set(lasting.map(({ fingerprint }) => fingerprint).filter((fingerprint) => !there.has(fingerprint)));
    for (const fingerprint of missingSince.keys()) if (!gone.has(fingerprint)) missingSince.delete(fingerprint);
    for (const fingerprint of gone) missingSince.set(fingerprint, missingSince.get(fingerprint) ?? now);
    return new Set([...gone].filter((fingerprint) => now - (missingSince.get(fingerprint) ?? now) >= OVER_MS));
  }

  /** One that somebody ended in an Alertmanager since it was asked for; what Alertmanager forgot is in no list. */
  const endedThere = (hold: ElsewhereHold, found: Listed): WireSilence | undefined =>
    found
      .map(({ silences }) => silences.filter((one) => fingerprintIn(one) === hold.fingerprint))
      .filter((silences) => !silences.some(isLive))
      .flat()
      .find(({ endsAt }) => endsAt > hold.at && endsAt < hold.until - SAME_MS);

  async function enforce(hold: ElsewhereHold, found: Listed, now: number): Promise<void> {
    const lacking: Listed = [];
    for (const { instance, silences } of found) {
      const [first, ...again] = liveSilencesOf(silences, hold);
      for (const { id } of holdsAt(hold, now) || first === undefined ? again : [first, ...again]) await instance.api.expire(id);
      const isOld = first !== undefined && isBefore(first, hold);
      if (holdsAt(hold, now) && (first === undefined || isOld)) lacking.push({ instance, silences: first === undefined ? [] : [first] });
    }
    if (lacking.length === 0) return;
    const isMine = await database.transaction((tx) => claimElsewhereHold(tx, hold.fingerprint, { now, everyMs: RESTORE_MS }));
    for (const { instance, silences } of isMine ? lacking : []) {
      const [old] = silences;
      await instance.api.put({ ...silenceOf(hold), ...(old === undefined ? { startsAt: now } : { id: old.id, startsAt: old.startsAt }) });
      log.info(
        { alertmanager: instance.name, fingerprint: hold.fingerprint },
        'an Alertmanager lacked what holds an alert back, and has it again',
      );
    }
  }

  async function look(): Promise<void> {
    const { found } = await readSilencesElsewhere(instances);
    if (found.length === 0) return;
    const now = Math.round(clock.now());
    const holds = await read(found, now);
    const gone = await over(holds, now);
    for (const hold of holds) {
      const { fingerprint, kind } = hold;
      const there = holdsAt(hold, now) ? endedThere(hold, found) : undefined;
      if (there !== undefined && there.endsAt > now - SETTLE_MS) continue;
      let ended = hold;
      if (gone.has(fingerprint)) {
        await database.transaction((tx) => endElsewhereHold(tx, hold, now));
        ended = { ...hold, endedAt: now };
      } else if (there !== undefined) {
        await act({ actor: actorThere(there, 'ended'), verb: RELEASING[kind], arguments: { alert_id: fingerprint } }, async (tx) => {
          await endElsewhereHold(tx, hold, now);
          return { value: null, outcome: { result: 'done', after: { alertname: hold.labels['alertname'] ?? '?' } } };
        });
        ended = { ...hold, endedAt: now };
      }
      await enforce(ended, found, now);
    }
  }

  return () => look().catch((error: unknown) => log.warn({ err: error }, 'failed to keep what holds alerts back in Alertmanager'));
}

/** Whether a silence is of before its hold was asked for again: its instance was away then. Somebody may have moved its end since. Pure. */
function isBefore(silence: WireSilence, hold: ElsewhereHold): boolean {
  const there = holdIn(silence);
  const isOther = there?.kind !== hold.kind || Math.abs(silence.endsAt - hold.until) >= SAME_MS;
  return isOther && Date.parse(silence.updatedAt) < hold.at + SAME_MS;
}
