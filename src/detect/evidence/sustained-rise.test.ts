import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { createDetector } from '../engine/create-detector.ts';
import { feed, minuteIndex, openings, seeded, usualRates, ZONE } from '../engine/test-traffic.ts';

const DAY = 1440;
const CALM = 2 * DAY;

/** A detector that has learnt two calm days, as bytes: every test goes on from there. */
const learnt = (() => {
  const detector = createDetector({ timeZone: ZONE });
  assert.deepEqual(openings(feed(detector, seeded(11), 0, CALM, () => usualRates())), []);
  return detector.snapshot();
})();

/** Plays `minutes` from the third day on, with the rates of a status times `ratio` of the minute. */
function play(status: string, minutes: number, ratio: (minute: number) => number, seed = 7): AnomalyEvent[] {
  const detector = createDetector({ timeZone: ZONE }, learnt);
  const random = seeded(seed);
  return feed(detector, random, CALM, CALM + minutes, (index) => usualRates({ [status]: ratio(index - CALM) }));
}

suite('sustained rises', () => {
  test('a third more denials is reported within two hours, from its beginning on, in one anomaly that ends with it', () => {
    const events = play('denied', 660, (minute) => (minute >= 60 && minute < 360 ? 1.35 : 1));
    const opened = openings(events);
    assert.equal(opened.length, 1, JSON.stringify(opened.map(({ anomaly }) => [anomaly.type, anomaly.detected_at])));
    const anomaly = opened[0]?.anomaly;
    assert.ok(anomaly);
    assert.equal(anomaly.type, 'denials_above_normal');
    const found = minuteIndex(anomaly.detected_at) - CALM;
    assert.ok(found >= 80 && found <= 180, `found in minute ${found}`);
    assert.ok(Math.abs(minuteIndex(anomaly.started_at) - CALM - 60) <= 45, anomaly.started_at);
    const rise = anomaly.reasons.find(({ code }) => code === 'slow_burn');
    assert.ok(Number(rise?.params['change']) > 0.2 && Number(rise?.params['change']) < 0.6, JSON.stringify(anomaly.reasons));
    const resolved = events.filter(({ event, anomaly: { type } }) => event === 'resolved' && type !== 'drift_warning');
    assert.equal(resolved.length, 1);
    const end = minuteIndex(resolved[0]?.anomaly.resolved_at ?? '') - CALM;
    assert.ok(end >= 360 && end <= 480, `ended in minute ${end}`);
  });

  test('failures that creep up for hours are reported although the fast level follows them', () => {
    const opened = openings(play('failed', 600, (minute) => 1 + (2.5 * minute) / 600));
    assert.deepEqual(
      opened.map(({ anomaly }) => anomaly.type),
      ['failures_above_normal'],
    );
  });

  test('a rate that is a few percent higher in the afternoon is none', () => {
    const events = play('denied', DAY, (minute) => 1 + 0.06 * Math.sin((2 * Math.PI * minute) / DAY));
    assert.deepEqual(openings(events), []);
  });

  test('a rise goes on to the bit after a restart', () => {
    const burning = (index: number) => usualRates({ denied: index >= CALM ? 1.35 : 1 });
    const one = createDetector({ timeZone: ZONE }, learnt);
    feed(one, seeded(3), CALM, CALM + 40, burning);
    const two = createDetector({ timeZone: ZONE }, one.snapshot());
    assert.deepEqual(feed(two, seeded(4), CALM + 40, CALM + 200, burning), feed(one, seeded(4), CALM + 40, CALM + 200, burning));
    assert.deepEqual(two.snapshot(), one.snapshot());
  });
});
