import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createDetector } from './create-detector.ts';
import { feed, minuteIndex, openings, seeded, ZONE, type Rate } from './test-traffic.ts';

const SHOPS = ['norte', 'sul', 'leste', 'oeste'];
const ACQUIRERS = ['acq-1', 'acq-2', 'acq-3'];
const HOURS = 5;

/** What is told of a stream of 500 a minute whose minutes have `scale` times as much, after severities that nobody is paged for. */
function told(scale: (minute: number) => number, seed: number): [type: string, node: string, minute: number][] {
  const rates = (minute: number): Rate[] =>
    ACQUIRERS.flatMap((acquirer) =>
      SHOPS.flatMap((merchant_id) =>
        (['approved', 'denied', 'failed'] as const).map((status, n) => ({
          ...{ status, acquirer, merchant_id },
          mean: ([40, 1.5, 0.1][n] ?? 0) * scale(minute),
        })),
      ),
    );
  return openings(feed(createDetector({ timeZone: ZONE }), seeded(seed), 0, HOURS * 60, rates))
    .filter(({ anomaly }) => anomaly.severity !== 'info')
    .map(({ anomaly }) => [anomaly.type, anomaly.node.kind, minuteIndex(anomaly.detected_at)]);
}

const STARTS: Readonly<Record<string, (minute: number) => number>> = {
  'in the last second of a minute': (minute) => (minute === 0 ? 0.01 : 1),
  'in the middle of a minute': (minute) => (minute === 0 ? 0.4 : 1),
  'with what the client had kept, ten times a minute': (minute) => (minute === 0 ? 10 : 1),
  'with three times a minute, twice': (minute) => (minute < 2 ? 3 : 1),
  'slowly, over three minutes': (minute) => (minute < 3 ? 0.05 : 1),
  'after eight minutes of single transactions': (minute) => (minute < 8 ? 0.002 : 1),
  'after forty minutes of single transactions': (minute) => (minute < 40 ? 0.002 : 1),
  'with a burst of two minutes in the first quarter of an hour': (minute) => (minute === 11 || minute === 12 ? 10 : 1),
};

suite('the first minutes of a stream', () => {
  for (const [how, scale] of Object.entries(STARTS)) {
    test(`one that begins ${how} pages nobody in its first hours`, () => {
      for (const seed of [1, 2, 3]) assert.deepEqual(told(scale, seed), [], `seed ${seed}`);
    });

    test(`one that begins ${how} and falls by half an hour later tells it within three minutes`, () => {
      for (const seed of [1, 2, 3]) {
        const [first] = told((minute) => scale(minute) * (minute >= 90 && minute < 110 ? 0.4 : 1), seed);
        assert.deepEqual(first?.slice(0, 2), ['low_volume', 'fleet'], `seed ${seed}`);
        assert.ok((first?.[2] ?? 0) >= 90 && (first?.[2] ?? 999) <= 93, `minute ${first?.[2]}`);
      }
    });
  }

  test('the volume that is judged first is that of the stream, not of its first minute', () => {
    for (const seed of [1, 2, 3]) {
      const [first] = told((minute) => (minute === 0 ? 10 : minute >= 17 && minute < 40 ? 0.4 : 1), seed);
      assert.deepEqual(first?.slice(0, 2), ['low_volume', 'fleet']);
      assert.ok((first?.[2] ?? 0) >= 17 && (first?.[2] ?? 999) <= 19, `minute ${first?.[2]}`);
    }
  });
});
