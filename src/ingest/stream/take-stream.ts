import type { Ingest, IngestContext } from '../ingest.ts';
import { refused, type Outcome } from '../outcome.ts';
import type { StreamItem } from './stream-item.ts';

/** What became of one item of an upload; `raw` only for a refused one. */
export interface Taken {
  readonly at: number;
  readonly outcome: Outcome;
  readonly raw?: string | undefined;
}

const MAX_GROUP = 2000;
const MAX_IN_FLIGHT = 3;

/** Takes an upload group by group, in order, at most three writes ahead of the caller: who reads the answers slowly slows
 *  the upload down. After an error of the upload or of a write the answers before it have been given out. Throws what the
 *  upload throws and what `ingest.acceptMany` throws. */
export async function* takeStream(
  ingest: Ingest,
  groups: AsyncIterable<readonly StreamItem[]>,
  context: () => IngestContext,
): AsyncGenerator<readonly Taken[]> {
  const inFlight: Promise<readonly Taken[]>[] = [];
  let failure: { readonly error: unknown } | null = null;
  try {
    for await (const group of groups) {
      for (let from = 0; from < group.length; from += MAX_GROUP) {
        const part = takeGroup(ingest, group.slice(from, from + MAX_GROUP), context());
        part.catch(() => undefined);
        inFlight.push(part);
        if (inFlight.length >= MAX_IN_FLIGHT) yield await next(inFlight);
      }
    }
  } catch (error) {
    failure = { error };
  }
  while (inFlight.length > 0) yield await next(inFlight);
  if (failure !== null) throw failure.error;
}

async function next(inFlight: Promise<readonly Taken[]>[]): Promise<readonly Taken[]> {
  return (await inFlight.shift()) ?? [];
}

async function takeGroup(ingest: Ingest, group: readonly StreamItem[], context: IngestContext): Promise<readonly Taken[]> {
  const items = group.filter((entry) => entry.kind === 'item');
  const outcomes = await ingest.acceptMany(items.map(({ value }) => value), context);
  let answered = 0;
  return group.map((entry) => {
    const outcome = entry.kind === 'item' ? outcomes[answered++] : undefined;
    if (outcome !== undefined && outcome.kind !== 'refused') return { at: entry.at, outcome };
    return { at: entry.at, raw: entry.raw, outcome: outcome ?? refused(entry.kind === 'broken' ? entry.findings : [], context.locale) };
  });
}
