import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { createDetector } from '../engine/create-detector.ts';
import { feed, minuteIndex, openings, seeded, usualRates, windowOf, ZONE, type Rate } from '../engine/test-traffic.ts';

const CALM = 600;

/** Calm minutes, then what `after` gives by the minute since then, null for a silent one. */
function follow(minutes: number, after: (minute: number) => readonly Rate[] | null, calm = CALM, seed = 5): AnomalyEvent[] {
  const detector = createDetector({ timeZone: ZONE });
  return feed(detector, seeded(seed), 0, calm + minutes, (index) => (index < calm ? usualRates() : after(index - calm)));
}

/** Type, first minute and last minute of what was reported, minutes since the calm ones. */
function told(events: readonly AnomalyEvent[], calm = CALM): [string, number, number | null][] {
  const last = new Map(events.map(({ anomaly }) => [anomaly.id, anomaly]));
  const lately = openings(events).filter(({ anomaly }) => minuteIndex(anomaly.detected_at) >= calm);
  return lately.map(({ anomaly: { id } }) => {
    const { type = '', started_at: from = '', resolved_at: to = null } = last.get(id) ?? {};
    return [type, minuteIndex(from) - calm, to === null ? null : minuteIndex(to) - calm];
  });
}

suite('data come again after an absence of data', () => {
  for (const calm of [300, 600, 1800]) {
    test(`${calm} minutes of history: what is left of the volume is a fall of its own, from the first minute with data`, () => {
      const events = follow(60, (minute) => (minute < 3 ? null : usualRates({ all: 0.4 })), calm);
      const [absence, fall, ...more] = told(events, calm);
      assert.deepEqual(more, []);
      assert.equal(absence?.[0], 'no_data');
      assert.equal(absence?.[1], 0);
      assert.ok((absence?.[2] ?? 99) <= 5, JSON.stringify(absence));
      assert.deepEqual(fall, ['low_volume', 3, null]);
      for (const { anomaly } of events.filter(({ anomaly: { type } }) => type === 'low_volume'))
        assert.equal(anomaly.reasons[0]?.code, 'below');
    });
  }

  test('the usual volume ends it, and is no news', () => {
    for (const hole of [2, 3, 30, 120])
      assert.deepEqual(
        told(follow(hole + 60, (minute) => (minute < hole ? null : usualRates()))),
        [['no_data', 0, hole + 2]],
        `${hole} minutes`,
      );
  });

  test('a feed that stumbles stays one absence until it is back', () => {
    const flickers = (minute: number): Rate[] | null => (minute < 3 || (minute < 31 && minute % 2 === 0) ? null : usualRates());
    assert.deepEqual(told(follow(90, flickers)), [['no_data', 0, 33]]);
    const stumbles = (minute: number): Rate[] | null => (minute < 40 && minute % 4 < 2 ? null : usualRates());
    assert.deepEqual(told(follow(90, stumbles)), [['no_data', 0, 40]]);
  });

  test('while a feed stumbles, its sentence names what came and not a silence of the whole time', () => {
    const events = follow(60, (minute) => (minute < 12 || (minute < 50 && minute % 3 !== 0) ? null : usualRates()));
    const later = events.filter(({ event, anomaly }) => event === 'updated' && minuteIndex(anomaly.updated_at) >= CALM + 13);
    assert.ok(later.length > 3, String(later.length));
    for (const { anomaly } of later) {
      assert.equal(anomaly.type, 'no_data');
      assert.equal(anomaly.reasons[0]?.code, 'below', JSON.stringify(anomaly.reasons[0]));
      assert.ok(Number(anomaly.reasons[0]?.params['observed']) > 0);
    }
  });

  test('a heartbeat ends it: what is left is a zero of its own', () => {
    const events = follow(60, (minute) => (minute < 5 ? null : []));
    const [absence, zero, ...more] = told(events);
    assert.deepEqual(more, []);
    assert.deepEqual([absence?.[0], absence?.[1]], ['no_data', 0]);
    assert.deepEqual([zero?.[0], zero?.[1], zero?.[2]], ['zero_transactions', 5, null]);
    assert.ok((absence?.[2] ?? 99) <= 7);
  });

  test('denials that come with the data are reported as denials', () => {
    const events = follow(40, (minute) => (minute < 4 ? null : usualRates({ denied: 6, approved: 0.7 })));
    assert.deepEqual(
      told(events).map(([type]) => type),
      ['no_data', 'denials_above_normal'],
    );
  });

  test('a merchant whose part comes back is reported as low, not as nothing', () => {
    const rates = (share: number): Rate[] => [
      ...usualRates(),
      { status: 'approved', mean: 40 * share, merchant_id: 'm-1', acquirer: 'a-1' },
      { status: 'approved', mean: 60, merchant_id: 'm-2', acquirer: 'a-2' },
    ];
    const detector = createDetector({ timeZone: ZONE });
    const events = feed(detector, seeded(8), 0, CALM + 60, (index) => rates(index < CALM ? 1 : index < CALM + 4 ? 0 : 0.4));
    const of = events.filter(({ anomaly }) => anomaly.node.merchant_id === 'm-1' || anomaly.node.acquirer === 'a-1');
    assert.ok(of.some(({ anomaly }) => anomaly.type === 'zero_transactions'));
    for (const { anomaly } of of)
      if (minuteIndex(anomaly.updated_at) >= CALM + 12) assert.notEqual(anomaly.type, 'zero_transactions', anomaly.updated_at);
  });

  test('survives a snapshot in the middle', () => {
    const window = (index: number) =>
      windowOf(
        index,
        index < CALM || index >= CALM + 4
          ? [{ status: 'approved', auth_code: '', merchant_id: '', acquirer: '', count: index < CALM ? 100 : 40, amount: 0 }]
          : [],
        index < CALM || index >= CALM + 4 ? 'observed' : 'silent',
      );
    const one = createDetector({ timeZone: ZONE });
    for (let index = 0; index < CALM + 5; index++) one.step(window(index));
    const other = createDetector({ timeZone: ZONE }, one.snapshot());
    for (let index = CALM + 5; index < CALM + 20; index++) assert.deepEqual(other.step(window(index)), one.step(window(index)));
  });
});
