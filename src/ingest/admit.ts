import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Clock } from '../clock.ts';
import type { RecordHeaders } from '../topic/record-headers.ts';
import { toFieldErrors } from '../check/finding.ts';
import type { GuardedKnownIds } from './known-ids.ts';
import type { Order } from './order.ts';
import type { IngestOutcome } from './outcome.ts';
import type { TransactionPublisher } from './publish.ts';
import { createRecentIds } from './recent-ids.ts';
import type { OutRecord } from '../bus/bus.ts';
import { encodeHeartbeat, encodeTransaction } from './record.ts';
import { contentHash, type TransactionContent } from './content-hash.ts';
import type { ValidContent } from './validate.ts';

/** A valid item, stamped but for the time. */
export interface AdmittedItem {
  readonly kind: 'candidate';
  readonly content: ValidContent;
  readonly id: string;
  readonly clientId: boolean;
  /** What the client said, which its fingerprint is made of; null for what is no transaction. */
  readonly said: TransactionContent | null;
  /** Made with those of the whole group: alone, each would find the hash function in no cache and take ten times as long. */
  contentHash: string;
  readonly source: string;
  readonly backfill: boolean;
  readonly headers: RecordHeaders;
  readonly locale: Locale;
  /** No transaction: a row of a file was refused that has a count of this time, epoch milliseconds. */
  readonly incompleteAt?: number;
}

export interface AdmitDeps {
  readonly publisher: TransactionPublisher;
  readonly knownIds: GuardedKnownIds;
  /** The same with more patience, for uploads: nobody waits for one of their answers. */
  readonly knownIdsOfUploads: GuardedKnownIds;
  /** Called with the ids of clients that are on the log now, and the content hash of each. */
  readonly onAccepted?: ((ids: ReadonlyMap<string, string>) => void) | undefined;
  readonly clock: Clock;
}

/** One call of `admit` that holds ids which are on their way to the disk. */
interface PendingItem {
  /** Resolves when its ids are settled; rejects when the write failed. */
  readonly settled: Promise<void>;
  /** Ids that turned out to be in the store with other content. */
  readonly conflicts: Set<string>;
  /** Ids of which the store did not say whether it has them. */
  readonly unchecked: Set<string>;
}

interface Claim {
  readonly contentHash: string;
  readonly flight: PendingItem;
}

type Decision = 'accepted' | 'duplicate' | 'conflict' | PendingItem;

export interface AdmitOptions {
  /** Order of the upload that the candidates are part of. */
  readonly order?: Order | undefined;
  /** Called when the store has been asked: from here on they wait for the disk. */
  readonly onDecided?: (() => void) | undefined;
}

/** Makes the gate behind validation: recognises duplicates and conflicts, publishes the rest in one write, answers in order. A repeat
 *  of an id that is still on its way to the disk waits for it, so that "duplicate" is as durable as "accepted". Throws
 *  what the publisher throws. */
export function createAdmit(
  deps: AdmitDeps,
  options: { readonly recentIds: number },
): (candidates: readonly AdmittedItem[], options?: AdmitOptions) => Promise<readonly IngestOutcome[]> {
  const recent = createRecentIds(options.recentIds);
  /** On the log, but the store did not say whether it had them before: the next one asks again. */
  const unchecked = createRecentIds(options.recentIds);
  const claims = new Map<string, Claim>();

  function decide(candidate: AdmittedItem, flight: PendingItem): Decision {
    if (!candidate.clientId) return 'accepted';
    const hash = recent.get(candidate.id);
    if (hash !== undefined) return hash === candidate.contentHash ? 'duplicate' : 'conflict';
    const claim = claims.get(candidate.id);
    if (claim !== undefined) return claim.contentHash === candidate.contentHash ? claim.flight : 'conflict';
    claims.set(candidate.id, { contentHash: candidate.contentHash, flight });
    return 'accepted';
  }

  /** Asks the store about the ids that memory does not know; what it has is not published again. */
  async function askStore(
    knownIds: GuardedKnownIds,
    candidates: readonly AdmittedItem[],
    decisions: Decision[],
    flight: PendingItem,
  ): Promise<void> {
    const asked = candidates.filter((candidate, index) => candidate.clientId && decisions[index] === 'accepted').map(({ id }) => id);
    if (asked.length === 0) return;
    const answer = await knownIds(asked);
    const known = answer?.known ?? null;
    // An id that is not in the store may be on the log and not counted yet.
    if (answer?.isWhole !== true) for (const id of asked) if (known?.has(id) !== true) flight.unchecked.add(id);
    if (known?.size === 0 && unchecked.size === 0) return;
    for (const [index, { id, clientId, contentHash }] of candidates.entries()) {
      if (!clientId || decisions[index] !== 'accepted') continue;
      const before = unchecked.get(id);
      const isSure = !flight.unchecked.has(id);
      // Of an id that nobody is sure of, the store may have another content than the last one that was taken.
      const hash = isSure ? (known?.get(id) ?? before) : before === contentHash ? before : undefined;
      if (hash === undefined) continue;
      if (isSure) recent.add(id, hash);
      decisions[index] = hash === contentHash ? 'duplicate' : 'conflict';
      if (hash !== contentHash) flight.conflicts.add(id);
    }
  }

  async function write(candidates: readonly AdmittedItem[], decisions: readonly Decision[], flight: PendingItem): Promise<void> {
    const admitted = candidates.filter((_candidate, index) => decisions[index] === 'accepted');
    if (admitted.length === 0) return;
    const ingestedAt = deps.clock.now();
    await deps.publisher.publish(admitted.map((candidate) => encode(candidate, ingestedAt)));
    const ofClients = new Map<string, string>();
    for (const { clientId, id, contentHash } of admitted) {
      if (!clientId) continue;
      (flight.unchecked.has(id) ? unchecked : recent).add(id, contentHash);
      ofClients.set(id, contentHash);
    }
    deps.onAccepted?.(ofClients);
  }

  async function admit(candidates: readonly AdmittedItem[], { order, onDecided }: AdmitOptions = {}): Promise<readonly IngestOutcome[]> {
    if (candidates.length === 0) return [];
    for (const candidate of candidates) if (candidate.said !== null) candidate.contentHash = contentHash(candidate.said);
    deps.publisher.reserve(candidates.length);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => undefined);
    const flight: PendingItem = { settled: promise, conflicts: new Set(), unchecked: new Set() };
    const decisions = candidates.map((candidate) => decide(candidate, flight));
    try {
      const asked = askStore(order === undefined ? deps.knownIds : deps.knownIdsOfUploads, candidates, decisions, flight);
      await (order === undefined ? asked : order.pass(asked));
      onDecided?.();
      await write(candidates, decisions, flight);
      resolve();
    } catch (error) {
      reject(error);
      throw error;
    } finally {
      deps.publisher.release(candidates.length);
      for (const { id } of candidates) if (claims.get(id)?.flight === flight) claims.delete(id);
    }
    const outcomes: IngestOutcome[] = [];
    for (const [index, candidate] of candidates.entries()) {
      const decision = decisions[index] ?? 'accepted';
      outcomes.push(typeof decision === 'string' ? outcomeOf(candidate, decision, flight) : await settle(candidate, decision));
    }
    return outcomes;
  }

  /** What became of an id that another call had on its way; when that call failed, this one writes it. */
  async function settle(candidate: AdmittedItem, flight: PendingItem): Promise<IngestOutcome> {
    try {
      await flight.settled;
    } catch {
      const [outcome] = await admit([candidate]);
      if (outcome !== undefined) return outcome;
    }
    return outcomeOf(candidate, flight.conflicts.has(candidate.id) ? 'conflict' : 'duplicate', flight);
  }

  return admit;
}

function encode(candidate: AdmittedItem, ingestedAt: number): OutRecord {
  const { incompleteAt, source, backfill, headers } = candidate;
  if (incompleteAt === undefined) return encodeTransaction(candidate.content, candidate, ingestedAt);
  return encodeHeartbeat(
    {
      v: 1,
      kind: 'heartbeat',
      occurred_at: incompleteAt,
      ingested_at: ingestedAt,
      source,
      backfill,
      incomplete: true,
    },
    headers,
  );
}

function outcomeOf(
  { id, locale }: AdmittedItem,
  decision: 'accepted' | 'duplicate' | 'conflict',
  { unchecked }: PendingItem,
): IngestOutcome {
  if (decision !== 'conflict') return unchecked.has(id) ? { kind: decision, id, checked: false } : { kind: decision, id };
  return { kind: 'refused', id, code: 'INGEST_CONFLICT', errors: toFieldErrors([{ field: 'id', rule: 'conflict' }], locale) };
}
