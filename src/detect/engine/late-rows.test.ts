import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createDetector } from './create-detector.ts';
import { drawWindow, feed, minuteIndex, openings, seeded, usualRates, ZONE, type Rate } from './test-traffic.ts';

/** A merchant that wakes up beside others that do not: ten times the traffic of the night within three hours. */
function morning(index: number): Rate[] {
  const scale = Math.min(10, Math.exp(Math.max(0, index - 300) / 78));
  return [
    ...usualRates({}, scale / 2).map((rate) => ({ ...rate, merchant_id: 'm-1' })),
    ...usualRates({}, 10).map((rate) => ({ ...rate, merchant_id: 'm-2' })),
  ];
}

/** From the 480th minute on, one denial code takes the place of another. */
const swap = (index: number): Rate[] => [
  { status: 'approved', mean: 92, auth_code: '00' },
  { status: 'denied', mean: index < 480 ? 5.95 : 3, auth_code: '51' },
  { status: 'denied', mean: index < 480 ? 0.05 : 3, auth_code: '57' },
];

/** Minute at which the swap is reported, when the rows of the new code come after their minute closed, or in time. */
function swapTold(seed: number, isLate: boolean): number {
  const detector = createDetector({ timeZone: ZONE });
  const random = seeded(seed);
  const opened = openings(feed(detector, random, 0, 480, swap));
  for (let index = 480; index < 490; index++) {
    const whole = { ...drawWindow(random, index, swap(index)), sequence: index * 2 };
    const cells = whole.cells.filter(({ auth_code }) => !isLate || auth_code !== '57');
    opened.push(...openings(detector.step({ ...whole, cells }).events));
    if (isLate) opened.push(...openings(detector.step({ ...whole, revision: 1, sequence: index * 2 + 1 }).events));
  }
  return minuteIndex(opened[0]?.anomaly.detected_at ?? '');
}

suite('late rows', () => {
  test('a rare code whose rows come late is reported as soon as its corrections say it', () => {
    for (const seed of [2, 3, 4]) {
      const delay = swapTold(seed, true) - swapTold(seed, false);
      assert.ok(delay <= 2, `seed ${seed}: ${delay} minutes later`);
    }
  });

  test('a minute whose approved row comes late is no rise of denials', () => {
    const detector = createDetector({ timeZone: ZONE });
    const random = seeded(31);
    const before = feed(detector, random, 0, 470, morning);
    const opened = openings(before);
    for (let index = 470; index < 500; index++) {
      const whole = { ...drawWindow(random, index, morning(index)), sequence: index * 2 };
      const isLate = index === 480 || index === 490;
      const cells = whole.cells.map((cell) =>
        isLate && cell.merchant_id === 'm-1' && cell.status === 'approved' ? { ...cell, count: Math.floor(cell.count / 8) } : cell,
      );
      opened.push(...openings(detector.step({ ...whole, cells }).events));
      if (isLate) opened.push(...openings(detector.step({ ...whole, revision: 1, sequence: index * 2 + 1 }).events));
    }
    assert.deepEqual(
      opened.map(({ anomaly }) => [anomaly.type, anomaly.node, anomaly.detected_at]),
      [],
    );
  });

  test('a correction that names the changed merchants only leaves the same state as one that names all', () => {
    const snapshots = [false, true].map((isPartial) => {
      const detector = createDetector({ timeZone: ZONE });
      const random = seeded(7);
      feed(detector, random, 0, 100, morning);
      const whole = drawWindow(random, 100, morning(100));
      detector.step({ ...whole, sequence: 1000 });
      detector.step({ ...drawWindow(random, 101, morning(101)), sequence: 1001 });
      const late = { status: 'denied', auth_code: '51', merchant_id: 'm-3', acquirer: '', count: 9, amount: 1 } as const;
      const cells = [...whole.cells, late].filter(({ count }) => count > 0);
      const others = cells.map((cell) => (cell.merchant_id === 'm-3' ? cell : { ...cell, merchant_id: '' }));
      const correction = { ...whole, revision: 1, sequence: 1002 };
      detector.step(isPartial ? { ...correction, cells: others, partial: true } : { ...correction, cells });
      return Buffer.from(detector.snapshot());
    });
    assert.ok(snapshots[0]?.equals(snapshots[1] ?? Buffer.alloc(0)));
  });

  test('a correction of a minute that was never seen is not taken for the whole minute', () => {
    const detector = createDetector({ timeZone: ZONE });
    const before = detector.lastMinute;
    detector.step({ ...drawWindow(seeded(7), 100, morning(100)), revision: 1, partial: true });
    assert.equal(detector.lastMinute, before);
  });
});
