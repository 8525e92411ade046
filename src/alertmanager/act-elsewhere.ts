import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { ActVerb } from '@transaction-guardian/contracts/audited-verb.ts';
import type { Act, Acted } from '../auth/act.ts';
import { includesRole } from '../auth/directory.ts';
import { PERMISSIONS } from '../auth/permissions.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import type { Clock } from '../clock.ts';
import { SNOOZE_MOST_MS } from '../respond/snooze.ts';
import type { Sql } from '../store/database.ts';
import { readElsewhereHolds, writeElsewhereHold } from '../store/verbs/alertmanager/elsewhere-holds.ts';
import {
  elsewhereHold,
  holdIn,
  holdsAt,
  isLive,
  liveSilencesOf,
  nameIn,
  readSilencesElsewhere,
  shownHold,
  silenceOf,
  type ElsewhereHold,
  type SilencedInstance,
} from './elsewhere-silence.ts';
import type { ActsElsewhere, HeldElsewhere, HoldKind, HoldOutcome, ReleaseOutcome } from './held.ts';

const SILENCE_MOST_MS = 30 * 86_400_000;
const HOLDING: Readonly<Record<HoldKind, ActVerb>> = {
  acknowledge: 'alert.acknowledge',
  snooze: 'alert.snooze',
  silence: 'silence.create',
};
export const RELEASING: Readonly<Record<HoldKind, ActVerb>> = {
  acknowledge: 'alert.unacknowledge',
  snooze: 'alert.unsnooze',
  silence: 'silence.end',
};

export interface ActsElsewhereDeps {
  readonly act: Act;
  readonly clock: Clock;
  readonly database: Sql;
  readonly heldElsewhere: () => Promise<HeldElsewhere>;
  readonly instances: readonly SilencedInstance[];
  /** How long an acknowledgement lasts, ms; 0: there is no end, which here is a day. */
  readonly ackTimeoutMs: number;
}

/** What was done there, and what is kept of it here with the row of the audit. */
interface Done<T> {
  readonly acted: Acted<T>;
  readonly kept?: ElsewhereHold;
}
const undone = <T>(value: T, result: 'refused' | 'not_found' | 'unchanged'): Done<T> => ({ acted: { value, outcome: { result } } });

/** Acts by silences of Alertmanager: of exactly the labels of the alert, so that one that becomes more severe notifies, by the person
 *  who acts. What holds is kept here too, for an Alertmanager that was away or has lost its data. */
export function createActsElsewhere({ act, clock, database, heldElsewhere, instances, ackTimeoutMs }: ActsElsewhereDeps): ActsElsewhere {
  /** `work` waits for other programs, for which no transaction stands open: done twice it leaves the same silences. */
  async function once<T>(
    { actor, verb, args }: { readonly actor: Actor; readonly verb: ActVerb; readonly args: Readonly<Record<string, unknown>> },
    work: () => Promise<Done<T>>,
  ): Promise<T> {
    const done = includesRole(actor.role, PERMISSIONS[verb]) ? await work() : null;
    return act({ actor, verb, arguments: args }, async (tx) => {
      if (done === null) throw new Error(`${verb} was not done`);
      if (done.kept !== undefined) await writeElsewhereHold(tx, done.kept);
      return done.acted;
    });
  }

  /** Silences there, by instance, and what is kept of them here. */
  async function read(now: number) {
    const [{ found, absent }, rows] = await Promise.all([readSilencesElsewhere(instances), readElsewhereHolds(database)]);
    return {
      absent,
      found: found.map(({ instance, silences }) => ({ instance, silences: silences.filter(isLive) })),
      kept: rows.map(elsewhereHold).filter((one) => holdsAt(one, now)),
    };
  }

  async function put(hold: ElsewhereHold): Promise<Done<HoldOutcome>> {
    const { fingerprint, kind, labels, by, at, until } = hold;
    const name = nameIn(labels);
    const { found, kept } = await read(at);
    const there = found.flatMap(({ silences }) => liveSilencesOf(silences, hold).flatMap((one) => holdIn(one) ?? []));
    const owner = [...kept.filter((one) => one.fingerprint === fingerprint), ...there].find(
      (one) => one.kind === 'acknowledge' && one.by !== by,
    );
    if (kind === 'acknowledge' && owner !== undefined) return undone({ kind: 'taken', name, by: owner.by, at: owner.at }, 'refused');
    const silence = silenceOf(hold);
    const results = await Promise.all(
      instances.map(async ({ name: instance, api }) => {
        const [first, ...again] = liveSilencesOf(found.find((one) => one.instance.name === instance)?.silences ?? [], hold);
        for (const { id: other } of again) await api.expire(other);
        const id = await api.put(
          first === undefined ? { ...silence, startsAt: at } : { ...silence, id: first.id, startsAt: first.startsAt },
        );
        return typeof id === 'string' ? [] : [instance];
      }),
    );
    const absent = results.flat();
    if (absent.length === instances.length) return undone({ kind: 'away', absent }, 'refused');
    const after = { alertname: name, until: new Date(until).toISOString(), not_in: absent };
    return { acted: { value: { kind: 'done', name, until, absent }, outcome: { result: 'done', after } }, kept: hold };
  }

  async function end(fingerprint: string, kinds: readonly HoldKind[], now: number): Promise<Done<ReleaseOutcome>> {
    const { found, absent, kept } = await read(now);
    const isMeant = (one: ElsewhereHold | null): one is ElsewhereHold =>
      one !== null && one.fingerprint === fingerprint && kinds.includes(one.kind);
    const meant = found.flatMap(({ instance, silences }) =>
      silences.filter((one) => isMeant(holdIn(one))).map((silence) => ({ instance, silence })),
    );
    const hold = kept.find(isMeant) ?? meant.map(({ silence }) => holdIn(silence)).find(isMeant);
    if (absent.length === instances.length) return undone({ kind: 'away', absent }, 'refused');
    if (hold === undefined) return undone({ kind: 'none' }, 'unchanged');
    const failed = await Promise.all(
      meant.map(async ({ instance, silence }) => ((await instance.api.expire(silence.id)) === undefined ? [] : [instance.name])),
    );
    // A member of a cluster has heard of it from another one, and says that it is over there already.
    const { found: left } = await readSilencesElsewhere(instances);
    const still = new Set(
      left.flatMap(({ instance, silences }) => (silences.some((one) => isLive(one) && isMeant(holdIn(one))) ? [instance.name] : [])),
    );
    const not = [...new Set([...absent, ...failed.flat().filter((name) => still.has(name))])];
    const name = nameIn(hold.labels);
    return {
      acted: { value: { kind: 'done', name, absent: not }, outcome: { result: 'done', after: { alertname: name, not_in: not } } },
      // An instance that does not answer now loses it when it is back.
      kept: { ...hold, endedAt: Math.round(clock.now()) },
    };
  }

  return {
    async holds() {
      const now = Math.round(clock.now());
      const { found, kept } = await read(now);
      const there = found.flatMap(({ silences }) => silences.flatMap((one) => holdIn(one) ?? []));
      const all = new Map(there.toSorted((a, b) => a.until - b.until).map((one) => [one.fingerprint, one]));
      for (const one of kept) all.set(one.fingerprint, one);
      return [...all.values()].toSorted((a, b) => b.until - a.until).map(shownHold);
    },
    hold(actor, { fingerprint, kind, until: asked }) {
      const now = Math.round(clock.now());
      const until = asked ?? now + Math.min(ackTimeoutMs === 0 ? SNOOZE_MOST_MS : ackTimeoutMs, SNOOZE_MOST_MS);
      const args = { alert_id: fingerprint, ...(asked === null ? {} : { until: new Date(asked).toISOString() }) };
      return once<HoldOutcome>({ actor, verb: HOLDING[kind], args }, async () => {
        if (until > now + (kind === 'silence' ? SILENCE_MOST_MS : SNOOZE_MOST_MS)) return undone({ kind: 'too_long' }, 'refused');
        const { alerts, absent } = await heldElsewhere();
        if (alerts === null) return undone({ kind: 'away', absent }, 'refused');
        const alert = alerts.find((one) => one.fingerprint === fingerprint);
        if (alert === undefined) return undone({ kind: 'unknown' }, 'not_found');
        return put({ ...{ fingerprint, kind, until }, labels: alert.labels, by: shownName(actor), at: now, endedAt: null });
      });
    },
    release(actor, { fingerprint, kinds }) {
      const verb = RELEASING[kinds[0] ?? 'silence'];
      const now = Math.round(clock.now());
      return once<ReleaseOutcome>({ actor, verb, args: { alert_id: fingerprint } }, () => end(fingerprint, kinds, now));
    },
  };
}
