import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createDetector } from './create-detector.ts';
import { feed, minuteIndex, openings, seeded, usualRates, ZONE } from './test-traffic.ts';

const HOURS = 5;
const BURST = HOURS * 60;

/** Minutes after a burst in which a fall of the volume was reported. `after`: share of the level before the burst, by the minute. */
function fallsAfter(
  { times, minutes, seed, outage = 0, level = 3.8 }: { times: number; minutes: number; seed: number; outage?: number; level?: number },
  after: (minute: number) => number,
): number[] {
  const end = BURST + minutes;
  const events = feed(createDetector({ timeZone: ZONE }), seeded(seed), 0, end + 120, (index) => {
    if (index >= BURST - 60 && index < BURST - 60 + outage) return usualRates({}, 0.1);
    if (index < BURST) return usualRates({}, level);
    return usualRates({}, level * (index < end ? times : after(index - end)));
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

  for (const level of [0.2, 0.3])
    test(`twice the volume of ${level * 100} a minute: the way back is no fall, one half an hour later is`, () => {
      for (const seed of [31, 32, 33]) {
        const burst = { times: 2, minutes: 15, seed, level };
        assert.deepEqual(
          fallsAfter(burst, () => 1),
          [],
          `seed ${seed}`,
        );
        const [later = 99] = fallsAfter(burst, (minute) => (minute >= 30 && minute < 60 ? 0.3 : 1));
        assert.ok(later >= 30 && later <= 40, `seed ${seed}: ${later} minutes after it`);
      }
    });

  const nights = [
    { times: 1.5, minutes: 150, begin: 1350 },
    { times: 1.5, minutes: 180, begin: 1330 },
    { times: 2, minutes: 120, begin: 1400 },
    { times: 3, minutes: 30, begin: 1425 },
    { times: 2, minutes: 60, begin: 1440 },
  ];
  for (const { times, minutes, begin } of nights) {
    test(`${times} times the volume for ${minutes} minutes from minute ${begin} on, over midnight: the way back is no fall, half of the volume is`, () => {
      for (const seed of [31, 32, 33]) {
        const end = begin + minutes;
        const scaleAt = (index: number): number => (index < begin || index >= end ? 2 : 2 * times);
        const play = (fallAt: number): number[] =>
          openings(
            feed(createDetector({ timeZone: ZONE }), seeded(seed), 60, end + 120, (index) =>
              usualRates({}, index >= fallAt && index < fallAt + 20 ? 1 : scaleAt(index)),
            ),
          ).map(({ anomaly }) => minuteIndex(anomaly.detected_at));
        assert.deepEqual(play(Number.POSITIVE_INFINITY), [], `seed ${seed}`);
        const [fall = 0] = play(end + 20);
        assert.ok(fall >= end + 20 && fall <= end + 24, `${fall - end} minutes after it`);
      }
    });
  }

  test('an evening that goes on below a burst is no fall', () => {
    const levelAt = (index: number): number => 3 * Math.exp(-Math.max(0, index - 1100) / 400);
    const events = feed(createDetector({ timeZone: ZONE }), seeded(34), 540, 1450, (index) =>
      usualRates({}, levelAt(index) * (index >= 1250 && index < 1330 ? 2 : 1)),
    );
    assert.deepEqual(
      openings(events).map(({ anomaly }) => anomaly.type),
      [],
    );
  });

  test('an outage during the burst is reported', () => {
    const events = feed(createDetector({ timeZone: ZONE }), seeded(3), 0, BURST + 40, (index) =>
      usualRates({}, index < BURST ? 3.8 : index < BURST + 12 ? 7.6 : 0.4),
    );
    assert.ok(openings(events).some(({ anomaly }) => minuteIndex(anomaly.detected_at) - BURST - 12 <= 2 && anomaly.type === 'low_volume'));
  });
});
