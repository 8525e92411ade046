import { isGuardianError, type ErrorCode } from '../../errors.ts';
import type { IngestContext } from '../ingest-context.ts';
import type { Ingest } from '../ingest.ts';
import { createOrder, type Order } from '../order.ts';
import { refusedRow } from '../refused-row.ts';
import { refused, type IngestOutcome } from '../outcome.ts';
import type { StreamItem } from '../../check/stream-item.ts';

/** What became of one item of an upload; `raw` only for a refused one. `failed`: not confirmed by the disk, send it again. */
export interface TakenStream {
  readonly at: number;
  readonly outcome: IngestOutcome | { readonly kind: 'failed'; readonly code: ErrorCode };
  readonly raw?: string | undefined;
}

const MAX_GROUP = 2000;
const MAX_IN_FLIGHT = 3;

interface GroupResult {
  readonly taken: readonly TakenStream[];
  /** Why the write failed, when it did. */
  readonly error?: unknown;
}

/** Takes an upload group by group, in order, at most three writes ahead of the caller: who reads the answers slowly slows
 *  the upload down, and answers do not wait for more to arrive. Reading stops at the first failed write; what was on its way
 *  is still answered, item by item. Then throws what stopped it: the error of the upload, or that of the write. */
export async function* takeStream(
  ingest: Ingest,
  groups: AsyncIterable<readonly StreamItem[]>,
  context: () => IngestContext,
): AsyncGenerator<readonly TakenStream[]> {
  const iterator = groups[Symbol.asyncIterator]();
  const inFlight: Promise<GroupResult>[] = [];
  const order = createOrder();
  let failure: { readonly error: unknown } | null = null;
  let reading: Promise<Read> | null = read(iterator);
  try {
    while (reading !== null || inFlight.length > 0) {
      const oldest = inFlight[0];
      const arrived: Read | null =
        reading === null || inFlight.length >= MAX_IN_FLIGHT ? null : await Promise.race([reading, oldest?.then(() => null) ?? reading]);
      if (arrived === null) {
        const result = await inFlight.shift();
        if (result?.error !== undefined) [failure, reading] = [failure ?? { error: result.error }, null];
        yield result?.taken ?? [];
      } else if (arrived.group === undefined) {
        [failure, reading] = [failure ?? arrived.failure, null];
      } else {
        for (let from = 0; from < arrived.group.length; from += MAX_GROUP)
          inFlight.push(takeGroup(ingest, arrived.group.slice(from, from + MAX_GROUP), context(), order));
        reading = read(iterator);
      }
    }
  } finally {
    iterator.return?.().catch(() => undefined);
  }
  if (failure !== null) throw failure.error;
}

/** The next group, or the end with what ended it. */
interface Read {
  readonly group?: readonly StreamItem[];
  readonly failure: { readonly error: unknown } | null;
}

async function read(iterator: AsyncIterator<readonly StreamItem[]>): Promise<Read> {
  try {
    const { done, value } = await iterator.next();
    return done === true ? { failure: null } : { group: value, failure: null };
  } catch (error) {
    return { failure: { error } };
  }
}

async function takeGroup(ingest: Ingest, group: readonly StreamItem[], context: IngestContext, order: Order): Promise<GroupResult> {
  try {
    const items = group.map(itemOf);
    const outcomes = await ingest.acceptMany(
      items.filter((item) => item !== undefined),
      context,
      order,
    );
    let answered = 0;
    const taken = group.map((entry, index) => {
      const outcome = items[index] === undefined ? undefined : outcomes[answered++];
      return entry.kind === 'item' ? takenItem(entry, outcome) : takenBroken(entry, context);
    });
    return { taken };
  } catch (error) {
    const code = isGuardianError(error) ? error.code : 'INTERNAL';
    return {
      error,
      taken: group.map((entry) =>
        entry.kind === 'item' ? { at: entry.at, outcome: { kind: 'failed', code } } : takenBroken(entry, context),
      ),
    };
  }
}

/** What is offered: the value, or, of a wrong row with a time, the record that marks its minute as incomplete. */
function itemOf(entry: StreamItem): unknown {
  if (entry.kind === 'item') return entry.value;
  return entry.timestamp === undefined ? undefined : refusedRow(entry.timestamp);
}

function takenItem(entry: StreamItem, outcome: IngestOutcome | undefined): TakenStream {
  if (outcome === undefined) throw new RangeError('fewer answers than items');
  return outcome.kind === 'refused' ? { at: entry.at, outcome, raw: entry.raw } : { at: entry.at, outcome };
}

function takenBroken(entry: StreamItem, context: IngestContext): TakenStream {
  return { at: entry.at, raw: entry.raw, outcome: refused(entry.kind === 'broken' ? entry.findings : [], context.locale) };
}
