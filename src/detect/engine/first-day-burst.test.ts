import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createDetector } from './create-detector.ts';
import { feed, minuteIndex, openings, seeded, usualRates, ZONE } from '../series/test-traffic.ts';

const HOURS = 5;
const BURST = HOURS * 60;

/** Minutes after a burst in which a fall of the volume was told. `after`: share of the level before the burst, by the minute. */
function fallsAfter(
  { times, minutes, seed, outage = 0 }: { times: number; minutes: number; seed: number; outage?: number },
  after: (minute: number) => number,
): number[] {
  const end = BURST + minutes;
  const events = feed(createDetector({ timeZone: ZONE }), seeded(seed), 0, end + 120, (index) => {
    if (index >= BURST - 60 && index < BURST - 60 + outage) return usualRates({}, 0.1);
    if (index < BURST) return usualRates({}, 3.8);
    return usualRates({}, 3.8 * (index < end ? times : after(index - end)));
  });
  return openings(events)
    .filter(({ anomaly: { type, detected_at: at } }) => type === 'low_volume' && minuteIndex(at) >= BURST)
    .map(({ anomaly }) => minuteIndex(anomaly.detected_at) - end);
}

suite('a burst on the first day of a stream', () => {
  const bursts = [
    { times: 2, minutes: 15 },
    { times: 1.6, minutes: 30 },
    { times: 2.5, minutes: 10 },
    { times: 2, minutes: 5 },
    { times: 1.8, minutes: 75 },
    { times: 1.4, minutes: 20 },
  ];
  for (const burst of bursts) {
    test(`${burst.times} times the volume for ${burst.minutes} minutes: the way back is no fall, one below the level before is`, () => {
      for (const seed of [31, 32, 33])
        for (const outage of [0, 5]) {
          assert.deepEqual(
            fallsAfter({ ...burst, seed, outage }, () => 1),
            [],
            `seed ${seed}, outage ${outage}`,
          );
          const [fall = 99] = fallsAfter({ ...burst, seed, outage }, (minute) => (minute < 20 ? 0.5 : 1));
          assert.ok(fall <= 4, `${fall} minutes after it`);
          const [later = 99] = fallsAfter({ ...burst, seed, outage }, (minute) => (minute >= 30 && minute < 50 ? 0.5 : 1));
          assert.ok(later >= 30 && later <= 34, `${later} minutes after it`);
        }
    });
  }

  test('an outage during the burst is told', () => {
    const events = feed(createDetector({ timeZone: ZONE }), seeded(3), 0, BURST + 40, (index) =>
      usualRates({}, index < BURST ? 3.8 : index < BURST + 12 ? 7.6 : 0.4),
    );
    assert.ok(openings(events).some(({ anomaly }) => minuteIndex(anomaly.detected_at) - BURST - 12 <= 2 && anomaly.type === 'low_volume'));
  });
});
