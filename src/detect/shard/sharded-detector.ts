import { createHead, modelOf, type DetectorOptions } from '../engine/create-detector.ts';
import type { Detector } from '../engine/detector.ts';
import { decodeState } from '../engine/snapshot.ts';
import { createState } from '../engine/state.ts';
import { createShards } from './create-shards.ts';
import type { ShardLink } from './shard-message.ts';

/** Makes a detector whose merchants are judged by shards, one for each link; new or from the bytes of the `snapshot()` of any detector, however
 *  many shards that had. It gives what a detector without shards gives on the same windows, to the bit, and so does its snapshot.
 *  Every call throws DETECT_SHARD_LOST once a shard is gone. Throws as `createDetector` does. */
export function createShardedDetector(options: DetectorOptions, snapshot: Uint8Array | null, links: readonly ShardLink[]): Detector {
  const state = snapshot === null ? createState() : decodeState(snapshot);
  if (options.parts !== undefined) state.store.parts = options.parts;
  return createHead(options, state, createShards(state.store, links, modelOf(options)));
}
