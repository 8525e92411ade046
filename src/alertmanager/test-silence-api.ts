import { randomUUID } from 'node:crypto';
import type { SilencePost, SilenceApi, WireSilence } from './silence-api.ts';
import { sameMatchers } from './translate.ts';

/** The silences of an Alertmanager that a test plays, by the rules of the real one: a change of the matchers is another silence, and
 *  what has ended stays in the list. */
export interface TestSilences extends SilenceApi {
  readonly all: Map<string, WireSilence>;
  live(): readonly WireSilence[];
  /** While true it does not answer. */
  isDown: boolean;
}

export function createTestSilences(now: () => number): TestSilences {
  const all = new Map<string, WireSilence>();
  const stamp = () => new Date(now()).toISOString();
  const stateOf = ({ startsAt, endsAt }: Pick<WireSilence, 'startsAt' | 'endsAt'>): WireSilence['state'] =>
    endsAt <= now() ? 'expired' : startsAt > now() ? 'pending' : 'active';
  const seen = (silence: WireSilence): WireSilence => ({ ...silence, state: stateOf(silence) });
  const end = (silence: WireSilence) => all.set(silence.id, { ...silence, endsAt: now(), updatedAt: stamp() });
  const api: TestSilences = {
    all,
    isDown: false,
    live: () => [...all.values()].map(seen).filter(({ state }) => state !== 'expired'),
    list: async () => (api.isDown ? { error: 'ECONNREFUSED' } : [...all.values()].map(seen)),
    put: async ({ id, ...silence }: SilencePost) => {
      if (api.isDown) return { error: 'ECONNREFUSED' };
      const before = id === undefined ? undefined : all.get(id);
      const isSame = before !== undefined && seen(before).state !== 'expired' && sameMatchers(before.matchers, silence.matchers);
      if (before !== undefined && !isSame && seen(before).state !== 'expired') end(before);
      const own = isSame ? before.id : randomUUID();
      all.set(own, { ...silence, startsAt: Math.max(silence.startsAt, isSame ? 0 : now()), id: own, state: 'active', updatedAt: stamp() });
      return own;
    },
    expire: async (id) => {
      const silence = all.get(id);
      if (api.isDown || silence === undefined) return { error: 'no' };
      end(silence);
      return undefined;
    },
  };
  return api;
}
