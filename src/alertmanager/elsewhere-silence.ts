import type { ElsewhereHoldRow } from '../store/verbs/alertmanager/elsewhere-holds.ts';
import { HOLD_KINDS, type HoldElsewhere, type HoldKind } from './held.ts';
import type { SilenceApi, SilencePost, WireSilence } from './silence-api.ts';
import { exactly } from './translate.ts';
import { elsewhereKey, isElsewhere, marked, silenceKeyOf } from './wanted-silences.ts';

const WORDS: Readonly<Record<HoldKind, string>> = { acknowledge: 'Acknowledged', snooze: 'Snoozed', silence: 'Silenced' };

/** One Alertmanager and its silences. */
export interface SilencedInstance {
  readonly name: string;
  readonly api: SilenceApi;
}

/** What holds back an alert of others, as it is kept here. */
export type ElsewhereHold = ElsewhereHoldRow & { readonly kind: HoldKind };

/** Silences that hold back alerts of others, by instance, also those that have ended. `absent`: the instances that do not answer. */
export async function readSilencesElsewhere(instances: readonly SilencedInstance[]) {
  const lists = await Promise.all(instances.map(async (instance) => ({ instance, listed: await instance.api.list() })));
  return {
    found: lists.flatMap(({ instance, listed }) =>
      'error' in listed ? [] : [{ instance, silences: listed.filter((one) => fingerprintIn(one) !== null) }],
    ),
    absent: lists.flatMap(({ instance, listed }) => ('error' in listed ? [instance.name] : [])),
  };
}

export const isLive = ({ state }: Pick<WireSilence, 'state'>): boolean => state !== 'expired';

/** Fingerprint of the alert that a silence of ours holds back, where it is one of others; null for any other silence. Pure. */
export function fingerprintIn({ comment }: Pick<WireSilence, 'comment'>): string | null {
  const key = silenceKeyOf(comment);
  return key !== undefined && isElsewhere(key) ? (key.split(' ')[1] ?? null) : null;
}

/** The live silences of a hold in one Alertmanager, the one to keep first: members of a cluster were each asked to make it, and have it
 *  from one another too. Pure. */
export function liveSilencesOf(silences: readonly WireSilence[], { fingerprint }: Pick<ElsewhereHold, 'fingerprint'>): WireSilence[] {
  return silences.filter((one) => isLive(one) && fingerprintIn(one) === fingerprint).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** What a silence holds back, where nothing is kept of it here. Pure. */
export function holdIn(silence: WireSilence): ElsewhereHold | null {
  const fingerprint = fingerprintIn(silence);
  if (fingerprint === null) return null;
  const { createdBy: by, startsAt: at, endsAt: until, matchers, comment } = silence;
  const labels = Object.fromEntries(matchers.map(({ name, value }) => [name, value]));
  // Somebody may have changed the comment there.
  const kind = HOLD_KINDS.find((one) => comment.startsWith(WORDS[one])) ?? 'silence';
  return { ...{ fingerprint, kind, labels, by, at, until }, endedAt: null };
}

/** The silence that every Alertmanager is to have of it: of exactly the labels of the alert. Pure. */
export function silenceOf({ fingerprint, kind, labels, by, until }: ElsewhereHold): Omit<SilencePost, 'id' | 'startsAt'> {
  const comment = marked(`${WORDS[kind]}: ${nameIn(labels)}`, elsewhereKey(fingerprint));
  return { matchers: exactly(labels), endsAt: until, createdBy: by, comment };
}

/** Name of an alert. */
export const nameIn = (labels: Readonly<Record<string, string>>): string => labels['alertname'] ?? '?';

/** As the chat shows it. Pure. */
export function shownHold({ fingerprint, kind, labels, by, at, until }: ElsewhereHold): HoldElsewhere {
  return { fingerprint, name: nameIn(labels), kind, by, at, until };
}

/** What is kept here, as what it is. Pure. */
export function elsewhereHold(row: ElsewhereHoldRow): ElsewhereHold {
  return { ...row, kind: HOLD_KINDS.find((kind) => kind === row.kind) ?? 'silence' };
}

/** Whether it holds its alert back. Pure. */
export const holdsAt = ({ endedAt, until }: Pick<ElsewhereHold, 'endedAt' | 'until'>, now: number): boolean =>
  endedAt === null && until > now;
