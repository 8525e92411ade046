import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createDetector } from './create-detector.ts';
import { feed, minuteIndex, openings, seeded, ZONE, type Rate } from './test-traffic.ts';

const MERCHANTS = 3000;
const CALM = 100;
const BAD = 20;

/** What is opened in a company of many small merchants of which those of one acquirer fail for twenty minutes. */
function opened(seed: number): [type: string, node: string, minute: number][] {
  const random = seeded(seed);
  const rates = (minute: number): Rate[] =>
    Array.from({ length: MERCHANTS }, (_merchant, n) => n).flatMap((n) => {
      const acquirer = `acq-${n % 3}`;
      const merchant_id = `m-${n}`;
      const isDown = acquirer === 'acq-1' && minute >= CALM && minute < CALM + BAD;
      // A merchant in five has two hundred times the traffic of the others.
      const mean = n % 5 === 0 ? 0.5 : 0.0025;
      return [
        { status: 'approved' as const, acquirer, merchant_id, mean: mean * (isDown ? 0.1 : 1) },
        { status: 'failed' as const, acquirer, merchant_id, auth_code: '91', mean: mean * (isDown ? 0.9 : 0.001) },
      ];
    });
  return openings(feed(createDetector({ timeZone: ZONE }), random, 0, CALM + BAD + 30, rates)).map(({ anomaly }) => [
    anomaly.type,
    anomaly.node.kind,
    minuteIndex(anomaly.detected_at) - CALM,
  ]);
}

suite('many merchants', () => {
  test('the failures of an acquirer are one anomaly, and its end opens none of a merchant', () => {
    for (const seed of [1, 2]) {
      const found = opened(seed);
      assert.equal(found.length, 1, JSON.stringify(found.slice(0, 10)));
      assert.equal(found[0]?.[0], 'failures_above_normal');
      assert.ok((found[0]?.[2] ?? 99) <= 1, JSON.stringify(found[0]));
    }
  });
});
