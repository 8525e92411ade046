import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProbe } from './create-detector.ts';
import { referenceTraffic } from '../../train/reference-traffic.ts';
import { EXPECTED, valueOf } from '../series/series-store.ts';
import { START, ZONE } from './test-traffic.ts';

for (const perMinute of [20, 400]) {
  test(`after nights of nearly nothing the expectation follows the day, and an outage is reported: ${perMinute} a minute at the peak`, () => {
    for (const seed of [1000, 1004, 1007]) {
      const outage = { from: 3 * 1440 + 600, to: 3 * 1440 + 630, factors: { approved: 0, denied: 0, refunded: 0, reversed: 0, failed: 0 } };
      const shape = { seed, perMinute, curve: 'daily', noise: 0.05, minutes: outage.to, startMs: START } as const;
      const probe = createProbe({ timeZone: ZONE });
      const told: number[] = [];
      for (const window of referenceTraffic(shape, [outage])) {
        const { events } = probe.step(window);
        const expected = valueOf(probe.state.store, 0, EXPECTED);
        assert.ok(Number.isFinite(expected) && probe.state.trend.slopeVariance > 0, `${seed} at ${window.sequence}: ${expected}`);
        for (const { event } of events) if (event === 'opened') told.push(window.sequence);
      }
      assert.ok(
        told.some((minute) => minute >= outage.from && minute < outage.from + 5),
        `${seed}: ${told.join()}`,
      );
    }
  });
}
