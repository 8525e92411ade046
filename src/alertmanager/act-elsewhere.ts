import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { ActVerb } from '@transaction-guardian/contracts/audited-verb.ts';
import type { Act, Acted } from '../auth/act.ts';
import { includesRole } from '../auth/directory.ts';
import { PERMISSIONS } from '../auth/permissions.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import type { Clock } from '../clock.ts';
import { SNOOZE_MOST_MS } from '../respond/snooze.ts';
import {
  HOLD_KINDS,
  type ActsElsewhere,
  type HeldElsewhere,
  type HoldElsewhere,
  type HoldKind,
  type HoldOutcome,
  type ReleaseOutcome,
} from './held.ts';
import type { SilenceApi, WireSilence } from './silence-api.ts';
import { exactly } from './translate.ts';
import { elsewhereKey, isElsewhere, marked, silenceKeyOf } from './wanted-silences.ts';

const SILENCE_MOST_MS = 30 * 86_400_000;
const WORDS: Readonly<Record<HoldKind, string>> = { acknowledge: 'Acknowledged', snooze: 'Snoozed', silence: 'Silenced' };
const HOLDING: Readonly<Record<HoldKind, ActVerb>> = {
  acknowledge: 'alert.acknowledge',
  snooze: 'alert.snooze',
  silence: 'silence.create',
};
const RELEASING: Readonly<Record<HoldKind, ActVerb>> = {
  acknowledge: 'alert.unacknowledge',
  snooze: 'alert.unsnooze',
  silence: 'silence.end',
};

/** One Alertmanager and its silences. */
export interface SilencedInstance {
  readonly name: string;
  readonly api: SilenceApi;
}

export interface ActsElsewhereDeps {
  readonly act: Act;
  readonly clock: Clock;
  readonly heldElsewhere: () => Promise<HeldElsewhere>;
  readonly instances: readonly SilencedInstance[];
  /** How long an acknowledgement lasts, ms; 0: there is no end, which here is a day. */
  readonly ackTimeoutMs: number;
}

/** Silences of ours, by instance, that hold back alerts of others. `absent`: the instances that do not answer. */
export async function readHoldsElsewhere(instances: readonly SilencedInstance[]) {
  const lists = await Promise.all(instances.map(async (instance) => ({ instance, listed: await instance.api.list() })));
  return {
    found: lists.flatMap(({ instance, listed }) =>
      'error' in listed ? [] : [{ instance, silences: listed.filter((one) => one.state !== 'expired' && fingerprintIn(one) !== null) }],
    ),
    absent: lists.flatMap(({ instance, listed }) => ('error' in listed ? [instance.name] : [])),
  };
}

/** Whether somebody asked for silence, which lasts as long as that, whatever becomes of the alert. Pure. */
export const isSilence = ({ comment }: Pick<WireSilence, 'comment'>): boolean => comment.startsWith(WORDS.silence);

/** Fingerprint of the alert that a silence of ours holds back, where it is one of others; null for any other silence. Pure. */
export function fingerprintIn({ comment }: Pick<WireSilence, 'comment'>): string | null {
  const key = silenceKeyOf(comment);
  return key !== undefined && isElsewhere(key) ? (key.split(' ')[1] ?? null) : null;
}

/** Acts by silences of Alertmanager, which keeps them: of exactly the labels of the alert, so that one that becomes more severe
 *  notifies, by the person who acts. Nothing of it is kept here but the audit. */
export function createActsElsewhere({ act, clock, heldElsewhere, instances, ackTimeoutMs }: ActsElsewhereDeps): ActsElsewhere {
  /** `work` waits for other programs, for which no transaction stands open: done twice it leaves the same silences. */
  async function once<T>(
    { actor, verb, args }: { readonly actor: Actor; readonly verb: ActVerb; readonly args: Readonly<Record<string, unknown>> },
    work: () => Promise<Acted<T>>,
  ): Promise<T> {
    const done = includesRole(actor.role, PERMISSIONS[verb]) ? await work() : null;
    return act({ actor, verb, arguments: args }, async () => {
      if (done === null) throw new Error(`${verb} was not done`);
      return done;
    });
  }

  async function put(
    actor: Actor,
    alert: NonNullable<HeldElsewhere['alerts']>[number],
    { kind, until }: { readonly kind: HoldKind; readonly until: number },
  ): Promise<Acted<HoldOutcome>> {
    const { fingerprint, name, labels } = alert;
    const { found } = await readHoldsElsewhere(instances);
    const mine = shownName(actor);
    const before = found.flatMap(({ silences }) => silences.filter((one) => fingerprintIn(one) === fingerprint));
    const owner = before.find((one) => kindOf(one) === 'acknowledge' && one.createdBy !== mine);
    if (kind === 'acknowledge' && owner !== undefined)
      return { value: { kind: 'taken', name, by: owner.createdBy, at: owner.startsAt }, outcome: { result: 'refused' } };
    const comment = marked(`${WORDS[kind]}: ${name}`, elsewhereKey(fingerprint));
    const silence = { matchers: exactly(labels), endsAt: until, createdBy: mine, comment };
    const results = await Promise.all(
      instances.map(async ({ name: instance, api }) => {
        const there = found.find((one) => one.instance.name === instance)?.silences.filter((one) => fingerprintIn(one) === fingerprint);
        // Members of a cluster were each asked to make it, and have it from one another too.
        const [first, ...again] = (there ?? []).toSorted((a, b) => (a.id < b.id ? -1 : 1));
        for (const { id: other } of again) await api.expire(other);
        const id = await api.put(
          first === undefined ? { ...silence, startsAt: Math.round(clock.now()) } : { ...silence, id: first.id, startsAt: first.startsAt },
        );
        return typeof id === 'string' ? [] : [instance];
      }),
    );
    const absent = results.flat();
    if (absent.length === instances.length) return { value: { kind: 'away', absent }, outcome: { result: 'refused' } };
    return {
      value: { kind: 'done', name, until, absent },
      outcome: { result: 'done', after: { alertname: name, until: new Date(until).toISOString(), not_in: absent } },
    };
  }

  return {
    async holds() {
      const { found } = await readHoldsElsewhere(instances);
      const all = found.flatMap(({ silences }) => silences.flatMap((one) => holdOf(one) ?? []));
      const once = new Map(all.toSorted((a, b) => a.until - b.until).map((one) => [one.fingerprint, one]));
      return [...once.values()].toSorted((a, b) => b.until - a.until);
    },
    hold(actor, { fingerprint, kind, until: asked }) {
      const now = Math.round(clock.now());
      const until = asked ?? now + Math.min(ackTimeoutMs === 0 ? SNOOZE_MOST_MS : ackTimeoutMs, SNOOZE_MOST_MS);
      const args = { alert_id: fingerprint, ...(asked === null ? {} : { until: new Date(asked).toISOString() }) };
      return once<HoldOutcome>({ actor, verb: HOLDING[kind], args }, async () => {
        if (until > now + (kind === 'silence' ? SILENCE_MOST_MS : SNOOZE_MOST_MS))
          return { value: { kind: 'too_long' }, outcome: { result: 'refused' } };
        const { alerts, absent } = await heldElsewhere();
        if (alerts === null) return { value: { kind: 'away', absent }, outcome: { result: 'refused' } };
        const alert = alerts.find((one) => one.fingerprint === fingerprint);
        if (alert === undefined) return { value: { kind: 'unknown' }, outcome: { result: 'not_found' } };
        return put(actor, alert, { kind, until });
      });
    },
    release(actor, { fingerprint, kinds }) {
      const verb = RELEASING[kinds[0] ?? 'silence'];
      return once<ReleaseOutcome>({ actor, verb, args: { alert_id: fingerprint } }, async () => {
        const { found, absent } = await readHoldsElsewhere(instances);
        const isMeant = (one: WireSilence): boolean => fingerprintIn(one) === fingerprint && kinds.includes(kindOf(one));
        const meant = found.flatMap(({ instance, silences }) => silences.filter(isMeant).map((silence) => ({ instance, silence })));
        const [first] = meant;
        if (first === undefined)
          return absent.length === instances.length
            ? { value: { kind: 'away', absent }, outcome: { result: 'refused' } }
            : { value: { kind: 'none' }, outcome: { result: 'unchanged' } };
        const failed = await Promise.all(
          meant.map(async ({ instance, silence }) => ((await instance.api.expire(silence.id)) === undefined ? [] : [instance.name])),
        );
        // A member of a cluster has heard of it from another one, and says that it is over there already.
        const { found: left } = await readHoldsElsewhere(instances);
        const still = new Set(left.flatMap(({ instance, silences }) => (silences.some(isMeant) ? [instance.name] : [])));
        const not = [...new Set([...absent, ...failed.flat().filter((name) => still.has(name))])];
        const name = nameIn(first.silence);
        return { value: { kind: 'done', name, absent: not }, outcome: { result: 'done', after: { alertname: name, not_in: not } } };
      });
    },
  };
}

function holdOf(silence: WireSilence): HoldElsewhere | null {
  const fingerprint = fingerprintIn(silence);
  if (fingerprint === null) return null;
  const { createdBy: by, startsAt: at, endsAt: until } = silence;
  return { ...{ fingerprint, by, at, until }, name: nameIn(silence), kind: kindOf(silence) };
}

const nameIn = ({ matchers }: WireSilence): string => matchers.find(({ name }) => name === 'alertname')?.value ?? '?';

/** Somebody may have changed the comment there. */
const kindOf = ({ comment }: WireSilence): HoldKind => HOLD_KINDS.find((kind) => comment.startsWith(WORDS[kind])) ?? 'silence';
