import type { KnownIds } from './known-ids.ts';

/** The ids that all processes of an installation have accepted lately, with the content hash of each: a client that sends again to
 *  another process is answered "duplicate". Counting once does not depend on it. Engines: `memory`, `redis`. */
export interface AcceptedIds {
  /** Which of the ids were accepted, and with what. Throws when nobody can say. */
  find(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Notes what is on the log. The first content of an id stands. Throws when it could not be noted. */
  add(entries: ReadonlyMap<string, string>): Promise<void>;
}

/** Which ids are known to the store or were accepted by another process. While the latter cannot be asked, only the store answers. */
export function withAcceptedIds(knownIds: KnownIds, accepted: AcceptedIds): KnownIds {
  return async (ids) => {
    const [answer, others] = await Promise.all([knownIds(ids), accepted.find(ids).catch(() => new Map<string, string>())]);
    // What is stored was counted: of two contents of an id it is the one that stands.
    return others.size === 0 ? answer : { ...answer, known: new Map([...others, ...answer.known]) };
  };
}

/** How long an id is remembered, milliseconds: a client that got no answer tries again within the hour. The store knows it for longer, once
 *  it is counted. */
export const ACCEPTED_FOR_MS = 3_600_000;

/** Ids in the memory of one process, for processes that are alone. */
export function createAcceptedIds(): AcceptedIds {
  const known = new Map<string, string>();
  return {
    async find(ids) {
      return new Map(ids.flatMap((id) => (known.has(id) ? [[id, known.get(id) ?? ''] as const] : [])));
    },
    async add(entries) {
      for (const [id, hash] of entries) if (!known.has(id)) known.set(id, hash);
    },
  };
}
