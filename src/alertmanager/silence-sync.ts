import type { FailureReason } from '@transaction-guardian/contracts/health-reason.ts';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { failureReason } from '../errors.ts';
import type { RespondDeps } from '../respond/act.ts';
import type { Database } from '../store/database.ts';
import { readHeldAlerts } from '../store/verbs/alert/alert-states.ts';
import { deleteSilenceLink, readSilenceLinks, writeSilenceLink, type SilenceLink } from '../store/verbs/alertmanager/silence-links.ts';
import { readLiveSilences } from '../store/verbs/silence/silences.ts';
import { endAsThere, moveAsThere, takeOverSilence } from './act-as-there.ts';
import type { SilenceApi, WireSilence } from './silence-api.ts';
import { sameMatchers } from './translate.ts';
import { isElsewhere, isHold, silenceKeyOf, wantedHold, wantedSilence, type WantedSilence } from './wanted-silences.ts';

export interface SilenceSyncDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly respond: RespondDeps;
  readonly instances: readonly { readonly name: string; readonly api: SilenceApi }[];
  /** Called with why an instance does not answer; undefined: it does. */
  readonly answered?: (instance: string, error: string | undefined) => void;
}

/** A silence that could not be made the same, by the id of Alertmanager or by its key here, and why. */
export interface SilenceTrouble {
  readonly silence: string;
  readonly why: FailureReason;
}

/** What could not be made the same, by instance. */
export type SilenceTroubles = ReadonlyMap<string, readonly SilenceTrouble[]>;

/** Times of the two sides differ by less than this: the same time. */
export const SAME_MS = 2000;

/** Makes silences here and in every Alertmanager one: what was made, moved or ended on either side is so on the other, once. What was
 *  made here carries a mark in its comment, so that one whose link was not noted before a crash is recognised. Of the two sides the
 *  one that changed since they last agreed wins. Goes through the instances one after the other; one that does not answer is left
 *  for the next round. Throws what the database throws. */
export async function syncSilences(deps: SilenceSyncDeps): Promise<SilenceTroubles> {
  const troubles = new Map<string, readonly SilenceTrouble[]>();
  // Members of a cluster have it from one another within the round.
  const made = new Set<string>();
  for (const { name, api } of deps.instances) {
    const listed = await api.list();
    deps.answered?.(name, 'error' in listed ? listed.error : undefined);
    if ('error' in listed) {
      continue;
    }
    const found = await createRound(deps, { name, api, made }, listed).run();
    if (found.length > 0) troubles.set(name, found);
  }
  return troubles;
}

interface Instance {
  readonly name: string;
  readonly api: SilenceApi;
  readonly made: Set<string>;
}

/** One look at one instance. */
function createRound(deps: SilenceSyncDeps, { name: instance, api, made }: Instance, listed: readonly WireSilence[]) {
  const { database, clock, log } = deps;
  const now = Math.round(clock.now());
  const troubles: SilenceTrouble[] = [];
  const live = listed.filter(({ state, comment }) => state !== 'expired' && !isElsewhere(silenceKeyOf(comment) ?? ''));
  /** Live silences there by key. */
  const have = new Map<string, WireSilence[]>();
  let wanted = new Map<string, WantedSilence>();
  let links: readonly SilenceLink[] = [];

  const trouble = (silence: string, why: FailureReason): void => {
    troubles.push({ silence, why });
    log.warn({ alertmanager: instance, silence, reason: why.params.message }, 'a silence is not the same here and in Alertmanager');
  };
  const linkOf = (amId: string) =>
    links.find((link) => link.instance === instance && link.amId === amId) ?? links.find((link) => link.amId === amId);
  const note = (link: Omit<SilenceLink, 'instance'>) => database.transaction((tx) => writeSilenceLink(tx, { instance, ...link }));
  const forget = (amId: string) => database.transaction((tx) => deleteSilenceLink(tx, { instance, amId }));

  async function read(): Promise<void> {
    const [silences, held] = [await readLiveSilences(database, now), await readHeldAlerts(database)];
    const holds = held.flatMap((alert) => wantedHold(alert, now) ?? []);
    wanted = new Map([...silences.map(wantedSilence), ...holds].map((one) => [one.key, one]));
    links = await readSilenceLinks(database);
  }

  async function takeOver(silence: WireSilence): Promise<void> {
    const taken = await takeOverSilence(deps.respond, silence, now);
    if (taken === null) return;
    if ('why' in taken) return trouble(silence.id, taken.why);
    await note({ amId: silence.id, key: taken.key, endsAt: silence.endsAt });
    have.set(taken.key, [silence]);
    made.add(taken.key);
  }

  /** The key of one that is ours; undefined for one that somebody made there, or made out of one of ours. */
  async function keyOf(silence: WireSilence): Promise<string | undefined> {
    const link = linkOf(silence.id);
    if (link !== undefined) {
      if (link.instance !== instance) await note(link);
      return link.key;
    }
    const key = silenceKeyOf(silence.comment);
    if (key === undefined) return undefined;
    const ours = wanted.get(key);
    if (ours !== undefined && !sameMatchers(ours.matchers, silence.matchers)) return isHold(key) ? key : undefined;
    await note({ amId: silence.id, key, endsAt: ours?.endsAt ?? silence.endsAt });
    return key;
  }

  async function expire(silence: WireSilence): Promise<void> {
    const failed = await api.expire(silence.id);
    if (failed === undefined) await forget(silence.id);
    else trouble(silence.id, failureReason(failed.error));
  }

  async function agree(silence: WireSilence, ours: WantedSilence): Promise<void> {
    const known = linkOf(silence.id)?.endsAt ?? ours.endsAt;
    const isMovedThere = Math.abs(silence.endsAt - known) >= SAME_MS;
    if (isMovedThere && !isHold(ours.key)) {
      await moveAsThere(deps.respond, silence, ours.key);
      await note({ amId: silence.id, key: ours.key, endsAt: silence.endsAt });
    } else if (Math.abs(silence.endsAt - ours.endsAt) >= SAME_MS) {
      const { key, ...rest } = ours;
      const id = await api.put({ ...rest, id: silence.id, startsAt: silence.startsAt });
      if (typeof id !== 'string') return trouble(key, failureReason(id.error));
      if (id !== silence.id) await forget(silence.id);
      await note({ amId: id, key, endsAt: ours.endsAt });
    }
  }

  /** What was live when the sides last agreed and is over there now was ended there. */
  async function endHere(): Promise<void> {
    for (const link of links.filter((one) => one.instance === instance && !live.some(({ id }) => id === one.amId))) {
      const there = listed.find(({ id }) => id === link.amId);
      const ours = wanted.get(link.key);
      const isEndedThere = there !== undefined && there.endsAt < link.endsAt - SAME_MS;
      if (isEndedThere && ours !== undefined && !have.has(link.key)) {
        await endAsThere(deps.respond, there, ours.key);
        wanted.delete(link.key);
      }
      await forget(link.amId);
    }
  }

  async function make(ours: WantedSilence): Promise<void> {
    const { key, ...silence } = ours;
    made.add(key);
    const id = await api.put(silence);
    if (typeof id === 'string') await note({ amId: id, key, endsAt: ours.endsAt });
    else trouble(key, failureReason(id.error));
  }

  async function run(): Promise<readonly SilenceTrouble[]> {
    await read();
    const foreign: WireSilence[] = [];
    for (const silence of live.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
      const key = await keyOf(silence);
      if (key === undefined) foreign.push(silence);
      else have.set(key, [...(have.get(key) ?? []), silence]);
    }
    links = await readSilenceLinks(database);
    await endHere();
    for (const [key, [first, ...again]] of [...have]) {
      const ours = wanted.get(key);
      // Two members of a cluster that had not heard of one another made it twice.
      for (const silence of ours === undefined && first !== undefined ? [first, ...again] : again) await expire(silence);
      if (ours !== undefined && first !== undefined) await agree(first, ours);
    }
    for (const silence of foreign) await takeOver(silence);
    for (const ours of wanted.values()) if (!have.has(ours.key) && !made.has(ours.key) && ours.endsAt > now) await make(ours);
    return troubles;
  }

  return { run };
}
