import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { withAcceptedIds } from '../ingest/accepted-ids.ts';
import type { IngestDeps } from '../ingest/ingest.ts';
import type { KnownIds } from '../ingest/known-ids.ts';
import { openSharedState } from './engines.ts';
import type { SharedState } from './shared-state.ts';
import type { UndoStack } from './undo-stack.ts';

/** Opens what the API processes share, until the program stops; null where each is alone. */
export async function startSharedState(
  config: Config,
  { undo, ...deps }: { readonly clock: Clock; readonly log: Logger; readonly metrics: Registry; readonly undo: UndoStack },
): Promise<SharedState | null> {
  const shared = await openSharedState(config, deps);
  if (shared !== null) undo.push('shared state', shared.close);
  return shared;
}

/** The ids that ingestion asks for, with those that other processes accepted, and where it notes its own. */
export function sharingIds(knownIds: KnownIds, shared: SharedState | null): Pick<IngestDeps, 'knownIds' | 'onAccepted'> {
  if (shared === null) return { knownIds };
  const { acceptedIds } = shared;
  return {
    knownIds: withAcceptedIds(knownIds, acceptedIds),
    // Nobody waits for it: what is not noted is found in the store once it is counted.
    onAccepted: (ids) => void acceptedIds.add(ids).catch(() => undefined),
  };
}
