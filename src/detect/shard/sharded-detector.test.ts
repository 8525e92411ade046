import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { createDetector } from '../engine/create-detector.ts';
import type { Detector } from '../engine/detector.ts';
import { ZONE } from '../engine/test-traffic.ts';
import { companyOf, linksOf, type Given } from './test-company.ts';
import { shardOf } from './shard-of.ts';
import { createShardedDetector } from './sharded-detector.ts';

const OPTIONS = { timeZone: ZONE };
const MINUTES = 420;
const SEEDS = [1, 2, 3];

const give = (detector: Detector, given: Given) => ('window' in given ? detector.step(given.window) : detector.mark(given.notice));

/** Plays a company through one detector and through sharded ones, which must agree on everything, after each message; every 60 messages also on
 *  their whole state, from which each then goes on with another number of shards. Returns what was reported. */
function playBoth(seed: number, counts: readonly number[]): Map<string, Anomaly> {
  const reported = new Map<string, Anomaly>();
  const plain = createDetector(OPTIONS);
  let sharded = counts.map((shards) => createShardedDetector(OPTIONS, null, linksOf(shards)));
  let messages = 0;
  for (const given of companyOf(seed, MINUTES, () => [...reported.values()])) {
    const expected = give(plain, given);
    messages++;
    for (const [place, detector] of sharded.entries())
      assert.deepEqual(give(detector, given), expected, `seed ${seed}, message ${messages}, ${counts[place]} shards`);
    for (const { anomaly } of expected.events) reported.set(anomaly.id, anomaly);
    if (messages % 60 !== 0) continue;
    const state = plain.snapshot();
    for (const detector of sharded) {
      assert.ok(Buffer.from(detector.snapshot()).equals(state), `seed ${seed}, state after message ${messages}`);
      assert.equal(detector.seriesCount, plain.seriesCount);
      for (const slice of [{}, { merchant_id: 'm-3' }])
        assert.deepEqual(
          detector.forecast({ node: 'x', slice, minutes: 10, step: 5 }),
          plain.forecast({ node: 'x', slice, minutes: 10, step: 5 }),
        );
    }
    sharded = counts.map((_shards, place) => createShardedDetector(OPTIONS, state, linksOf(counts[(place + 1) % counts.length] ?? 1)));
  }
  return reported;
}

suite('a detector in shards', () => {
  test('gives what one without them gives, to the bit: results, forecasts and state', () => {
    const kinds = new Set<string>();
    for (const seed of SEEDS) for (const { node } of playBoth(seed, [2, 5]).values()) kinds.add(node.kind);
    // What the fleet decides, and what a merchant shows.
    for (const kind of ['fleet', 'merchant', 'merchant_status']) assert.ok(kinds.has(kind), [...kinds].join(', '));
  });

  test('the range of a merchant depends on its id alone, and ranges have about the same number', () => {
    const counts = [0, 0, 0, 0];
    for (let merchant = 0; merchant < 4000; merchant++)
      counts[shardOf(`m-${merchant}`, 4)] = (counts[shardOf(`m-${merchant}`, 4)] ?? 0) + 1;
    for (const count of counts) assert.ok(count > 800 && count < 1200, counts.join(', '));
    assert.equal(shardOf('m-17', 4), shardOf('m-17', 4));
  });
});
