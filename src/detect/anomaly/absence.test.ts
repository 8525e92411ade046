import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { createDetector } from '../engine/create-detector.ts';
import { feed, minuteIndex, openings, seeded, usualRates, ZONE, type Rate } from '../engine/test-traffic.ts';

const CALM = 600;
const BURST = CALM + 15;
const outage = (): Rate[] => [...usualRates({ approved: 0.75, denied: 0 }), { status: 'denied', mean: 39, auth_code: '51' }];

/** Calm minutes, a denial outage of 15, then `after` for 12, then calm ones. */
function outageThen(after: () => readonly Rate[] | null): AnomalyEvent[] {
  const detector = createDetector({ timeZone: ZONE });
  return feed(detector, seeded(21), 0, BURST + 60, (index) => {
    if (index < CALM || index >= BURST + 12) return usualRates();
    return index < BURST ? outage() : after();
  });
}

suite('absence during an adverse status', () => {
  for (const [type, after] of [
    ['no_data', () => null],
    ['zero_transactions', () => []],
  ] as const) {
    test(`${type} is reported although denials are open, which end with a reason`, () => {
      const events = outageThen(after);
      assert.deepEqual(
        openings(events).map(({ anomaly }) => anomaly.type),
        ['denials_above_normal', type],
      );
      const absence = openings(events)[1]?.anomaly;
      assert.ok(minuteIndex(absence?.detected_at ?? '') - BURST <= 2, absence?.detected_at);
      assert.equal(minuteIndex(absence?.started_at ?? ''), BURST);
      assert.equal(absence?.severity, 'critical');
      const [ended, back] = events.filter(({ event }) => event === 'resolved').map(({ anomaly }) => anomaly);
      assert.equal(ended?.type, 'denials_above_normal');
      assert.ok(ended?.reasons.some(({ code }) => code === 'data_ended'));
      assert.equal(back?.type, type);
      assert.ok(minuteIndex(back?.resolved_at ?? '') - BURST <= 12 + 5, back?.resolved_at ?? 'open');
    });
  }

  test('an adverse status that gets better is reported by its mean or its worst minute, never by a fall', () => {
    for (const after of [() => usualRates({ denied: 0 }), () => null]) {
      for (const { anomaly } of outageThen(after)) {
        if (anomaly.type !== 'denials_above_normal') continue;
        const lead = anomaly.reasons[0];
        assert.equal(lead?.code, 'above');
        assert.ok(Number(lead?.params['z']) > 3, JSON.stringify(lead));
        assert.ok(Number(lead?.params['observed']) > Number(lead?.params['expected']), JSON.stringify(lead));
        assert.ok(anomaly.peak.z_score > 6);
      }
    }
  });
});
