import type { Clock } from '../clock.ts';
import type { callAlertmanager } from './api.ts';
import type { AlertmanagerTarget } from './config.ts';
import type { WireMatcher } from './translate.ts';

/** A silence as an Alertmanager has it. Times are epoch milliseconds. */
export interface WireSilence {
  readonly id: string;
  readonly state: 'active' | 'pending' | 'expired';
  readonly matchers: readonly WireMatcher[];
  readonly startsAt: number;
  readonly endsAt: number;
  readonly updatedAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

export type SilencePost = Pick<WireSilence, 'matchers' | 'startsAt' | 'endsAt' | 'createdBy' | 'comment'> & {
  /** Of the one that is changed. */
  readonly id?: string;
};

/** Silences of one instance. A call that fails gives back why. */
export interface SilenceApi {
  list(): Promise<readonly WireSilence[] | { readonly error: string }>;
  /** The id that it has there. */
  put(silence: SilencePost): Promise<string | { readonly error: string }>;
  expire(id: string): Promise<{ readonly error: string } | undefined>;
}

export function createSilenceApi(target: AlertmanagerTarget, call: typeof callAlertmanager, clock: Clock, signal: AbortSignal): SilenceApi {
  const ask = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) =>
    call(target, { method, path, ...(body === undefined ? {} : { body }) }, { clock, signal });
  return {
    list: async () => {
      const answer = await ask('GET', '/silences');
      if (answer.kind !== 'delivered') return { error: answer.error };
      return Array.isArray(answer.body) ? answer.body.flatMap((one: unknown) => readSilence(one)) : { error: 'an answer that is no list' };
    },
    put: async ({ startsAt, endsAt, ...silence }) => {
      const body = { ...silence, startsAt: new Date(startsAt).toISOString(), endsAt: new Date(endsAt).toISOString() };
      const answer = await ask('POST', '/silences', body);
      if (answer.kind !== 'delivered') return { error: answer.error };
      const { silenceID: id } = (answer.body ?? {}) as { readonly silenceID?: unknown };
      return typeof id === 'string' ? id : { error: 'an answer without an id' };
    },
    expire: async (id) => {
      const answer = await ask('DELETE', `/silence/${encodeURIComponent(id)}`);
      return answer.kind === 'delivered' ? undefined : { error: answer.error };
    },
  };
}

function readSilence(one: unknown): WireSilence[] {
  if (typeof one !== 'object' || one === null) return [];
  const { id, status, matchers, startsAt, endsAt, updatedAt, createdBy, comment } = one as Record<string, unknown>;
  const state = (status as { readonly state?: unknown } | undefined)?.state;
  const times = { startsAt: Date.parse(String(startsAt)), endsAt: Date.parse(String(endsAt)) };
  if (typeof id !== 'string' || !Array.isArray(matchers) || Number.isNaN(times.startsAt) || Number.isNaN(times.endsAt)) return [];
  if (state !== 'active' && state !== 'pending' && state !== 'expired') return [];
  const texts = { updatedAt: textOf(updatedAt), createdBy: textOf(createdBy), comment: textOf(comment) };
  return [{ id, state, ...times, ...texts, matchers: matchers.map(readMatcher) }];
}

/** `isEqual` came with Alertmanager 0.22: absent it is true. */
function readMatcher(matcher: Readonly<Record<string, unknown>>): WireMatcher {
  const { name, value, isRegex, isEqual } = matcher;
  return { name: textOf(name), value: textOf(value), isRegex: isRegex === true, isEqual: isEqual !== false };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
