import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noteShard } from '../detect/shard/shard-board.ts';
import { watchShards } from './shard-watch.ts';

function createScene(shards = 2) {
  let now = 0;
  const watch = watchShards(shards, { monotonic: () => now });
  const { memory } = watch;
  const pass = (seconds: number): void => {
    for (let second = 0; second < seconds; second += 1) {
      now += 1000;
      watch.look();
    }
  };
  const begin = (shard: number) => {
    const note = noteShard(memory, shard);
    note.phase('starting');
    return note;
  };
  const answer = (note: ReturnType<typeof begin>): void => {
    note.asked();
    note.answered();
  };
  return { watch, pass, begin, answer };
}

describe('the watch of the shards', () => {
  test('without a detector there is nothing to say', () => {
    const { watch, pass } = createScene();
    pass(10);
    assert.deepEqual(watch.checks(), {});
    assert.deepEqual(watch.metrics(), []);
    assert.equal(watch.waitsFor(), undefined);
  });

  test('a shard starts, and is ready once it has answered', () => {
    const { watch, pass, begin, answer } = createScene();
    const [first] = [begin(0), begin(1)];
    answer(first);
    pass(1);
    assert.deepEqual(watch.checks(), {
      'shard:1': { status: 'ok' },
      'shard:2': { status: 'starting', reasons: [{ code: 'part_shard_starting', params: {} }] },
    });
    pass(60);
    assert.deepEqual(watch.checks()['shard:1'], { status: 'ok' }, 'nothing is asked of it, nothing is owed');
  });

  test('one that owes an answer is behind after five seconds, by its number, until it answers', () => {
    const { watch, pass, begin, answer } = createScene();
    const [first, second] = [begin(0), begin(1)];
    for (const note of [first, second]) answer(note);
    pass(30);
    second.asked();
    pass(4);
    assert.equal(watch.checks()['shard:2']?.status, 'ok');
    assert.equal(watch.waitsFor(), 2);
    pass(8);
    assert.deepEqual(watch.checks()['shard:2'], { status: 'degraded', reasons: [{ code: 'part_shard_behind', params: { seconds: 12 } }] });
    const [gauge] = watch.metrics();
    assert.deepEqual(
      gauge?.values.filter(({ value }) => value === 1).map(({ labels }) => labels),
      [
        { shard: 1, state: 'ready' },
        { shard: 2, state: 'behind' },
      ],
    );
    second.answered();
    pass(1);
    assert.equal(watch.checks()['shard:2']?.status, 'ok');
    assert.equal(watch.waitsFor(), undefined);
  });

  test('one that is lost is named until another has its merchants, and remembered for ten minutes', () => {
    const { watch, pass, begin, answer } = createScene();
    const [first, second] = [begin(0), begin(1)];
    for (const note of [first, second]) answer(note);
    pass(1);
    second.lost('ended');
    second.lost('silent');
    pass(1);
    const replaced = { status: 'degraded', reasons: [{ code: 'part_shard_ended', params: {} }] };
    assert.deepEqual(watch.checks()['shard:2'], replaced);
    const next = begin(1);
    pass(1);
    assert.deepEqual(watch.checks()['shard:2'], replaced);
    answer(next);
    second.lost('silent');
    pass(1);
    assert.deepEqual(watch.checks()['shard:2'], { status: 'ok', reasons: [{ code: 'part_shard_losses', params: { losses: 1 } }] });
    assert.deepEqual(watch.checks()['shard:1'], { status: 'ok' });
    pass(600);
    assert.deepEqual(watch.checks()['shard:2'], { status: 'ok' });
  });

  test('one that is lost three times in ten minutes is not well', () => {
    const { watch, pass, begin, answer } = createScene(1);
    for (let loss = 0; loss < 3; loss += 1) {
      begin(0).lost('silent');
      answer(begin(0));
      pass(60);
    }
    assert.equal(watch.checks()['shard:1']?.status, 'degraded');
    pass(481);
    assert.equal(watch.checks()['shard:1']?.status, 'ok');
  });
});
