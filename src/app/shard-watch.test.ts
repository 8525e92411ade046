import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noteShard, type ShardCause } from '../detect/shard/shard-board.ts';
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
  const begin = (shard: number, cause: ShardCause = 'detector') => {
    const note = noteShard(memory, shard);
    note.begins(cause);
    return note;
  };
  const answer = (note: ReturnType<typeof begin>, judged = false): void => {
    note.asked();
    note.answered(judged);
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
    second.answered(true);
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
    const next = begin(1, 'own_loss');
    pass(1);
    assert.deepEqual(watch.checks()['shard:2'], replaced);
    answer(next, true);
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
      answer(begin(0, 'own_loss'), true);
      pass(60);
    }
    assert.equal(watch.checks()['shard:1']?.status, 'degraded');
    pass(481);
    assert.equal(watch.checks()['shard:1']?.status, 'ok');
  });

  test('one that begins again because another was lost says so, and like that one it is not well before it has judged a minute', () => {
    const { watch, pass, begin, answer } = createScene();
    for (const note of [begin(0), begin(1)]) answer(note, true);
    pass(1);
    const [first, second] = [begin(0, 'other_loss'), begin(1, 'own_loss')];
    pass(1);
    const degraded = (code: string) => ({ status: 'degraded', reasons: [{ code, params: {} }] });
    assert.deepEqual(watch.checks()['shard:1'], degraded('part_shard_restarting'));
    for (const note of [first, second]) answer(note);
    pass(1);
    for (const name of ['shard:1', 'shard:2']) assert.deepEqual(watch.checks()[name], degraded('part_shard_catching_up'));
    const [gauge] = watch.metrics();
    assert.deepEqual(
      gauge?.values.filter(({ value }) => value === 1).map(({ labels }) => labels['state']),
      ['catching_up', 'catching_up'],
    );
    for (const note of [first, second]) answer(note, true);
    pass(1);
    for (const name of ['shard:1', 'shard:2']) assert.equal(watch.checks()[name]?.status, 'ok');
  });

  test('the shards of a detector that is gone are none, whatever is still noted about them', () => {
    const { watch, pass, begin, answer } = createScene();
    const notes = [begin(0), begin(1)];
    for (const note of notes) answer(note, true);
    pass(1);
    watch.forget();
    assert.deepEqual(watch.checks(), {});
    for (const note of notes) note.lost('ended');
    pass(1);
    assert.deepEqual(watch.checks(), {});
    answer(begin(0));
    pass(1);
    assert.deepEqual(watch.checks(), { 'shard:1': { status: 'ok' } }, 'a loss of before is none of the next detector');
  });
});
