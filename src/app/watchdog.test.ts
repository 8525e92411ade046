import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPulse, pulseMemory, readPulse } from './pulse.ts';
import { createWatchdog } from './watchdog.ts';

function createScene() {
  let now = 0;
  const memory = pulseMemory();
  const cells = new Int32Array(memory);
  const pulse = createPulse(memory);
  const dog = createWatchdog({ now: () => now, monotonic: () => now }, 30_000);
  const pass = (seconds: number, act: () => void = () => undefined, isReady = true, waitsFor?: number): void => {
    for (let second = 0; second < seconds; second += 1) {
      now += 1000;
      act();
      dog.look(readPulse(memory), { isReady, waitsFor });
    }
  };
  const beat = (): void => void Atomics.add(cells, 0, 1);
  return { dog, pulse, beat, pass, jump: (ms: number) => void (now += ms) };
}

describe('the watchdog', () => {
  test('waiting for work is well, for ever', () => {
    const { dog, beat, pass } = createScene();
    pass(3600, beat);
    assert.equal(dog.standstill().forMs, 0);
  });

  test('an event loop that stands is a standstill, with its length', () => {
    const { dog, beat, pass } = createScene();
    pass(5, beat);
    pass(40);
    assert.equal(dog.standstill().forMs, 40_000);
    assert.deepEqual(dog.standstill().reason, { code: 'self_hang', params: {} });
  });

  test('a thread that waits for a shard stands still by its name, and is no thread to be ended', () => {
    const { dog, pulse, beat, pass } = createScene();
    pulse.set('detect', 'busy');
    pass(2, beat);
    pass(40, undefined, true, 2);
    assert.ok(dog.standstill().forMs >= 40_000);
    assert.deepEqual(dog.standstill().reason, { code: 'self_shard', params: { shard: 2 } });
    assert.ok(dog.ofThread().forMs <= 2000);
    pass(20);
    assert.ok(dog.ofThread().forMs >= 20_000, 'what stands longer than the shard takes is its own doing');
    assert.notEqual(dog.standstill().reason?.code, 'self_shard');
  });

  test('a stage that finishes nothing is named, while the loop turns and the others work', () => {
    const { dog, pulse, beat, pass } = createScene();
    pulse.set('detect', 'busy');
    pass(30, () => {
      beat();
      pulse.done('window');
    });
    assert.ok(dog.standstill().forMs >= 29_000);
    assert.deepEqual(dog.standstill().reason, { code: 'self_unfinished', params: { part: 'detect' } });
  });

  test('a stage that fails, waits and begins again gets nowhere', () => {
    const { dog, pulse, beat, pass } = createScene();
    pass(30, () => {
      beat();
      pulse.set('window', 'busy');
      pulse.set('window', 'idle');
      pulse.set('window', 'busy');
      pulse.set('window', 'failing');
    });
    assert.deepEqual(dog.standstill().reason, { code: 'self_failing', params: { part: 'window' } });
  });

  test('a new thread that only starts ends no standstill; one that works does', () => {
    const { dog, beat, pass } = createScene();
    pass(5, beat);
    pass(40);
    dog.begin();
    pass(10, beat, false);
    assert.equal(dog.ofThread('loop').forMs, 0, 'it lives');
    assert.equal(dog.standstill().forMs, 50_000, 'it has done nothing yet');
    pass(7, beat);
    assert.equal(dog.standstill().forMs, 0);
  });

  test('a standstill that was reported goes on while new threads work for a moment and hang again', () => {
    const { dog, beat, pass } = createScene();
    pass(5, beat);
    pass(40);
    for (let life = 0; life < 5; life += 1) {
      dog.begin();
      pass(3, beat);
      assert.ok(dog.standstill().forMs >= 30_000, `life ${life}`);
      pass(10);
    }
    dog.begin();
    pass(7, beat);
    assert.equal(dog.standstill().forMs, 0);
  });

  test('a pause that was not reported is over at once', () => {
    const { dog, beat, pass } = createScene();
    for (let round = 0; round < 20; round += 1) {
      pass(2, beat);
      assert.equal(dog.standstill().forMs, 0);
      pass(20);
    }
  });

  test('a machine that slept is no standstill', () => {
    const { dog, beat, pass, jump } = createScene();
    pass(5, beat);
    jump(3_600_000);
    pass(1);
    assert.ok(dog.standstill().forMs <= 2000);
  });
});
