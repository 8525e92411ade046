import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { Verdict } from '@transaction-guardian/contracts/verdict.ts';
import { createDetector } from '../engine/create-detector.ts';
import type { Detector } from '../engine/detector.ts';
import { drawWindow, feed, minuteIndex, openings, seeded, usualRates, ZONE, type Rate } from '../engine/test-traffic.ts';
import { endingOf, noticeOf } from './test-notice.ts';

const OPTIONS = { timeZone: ZONE };
const CALM = 600;
const wave = (denied = 5): Rate[] => usualRates({ denied, approved: 0.8 });
const reasons = (event: AnomalyEvent | undefined): string[] => event?.anomaly.reasons.map(({ code }) => code) ?? [];

/** A detector after ten calm hours. */
function trained(seed = 5): { detector: Detector; random: ReturnType<typeof seeded> } {
  const detector = createDetector(OPTIONS);
  const random = seeded(seed);
  feed(detector, random, 0, CALM, () => usualRates());
  return { detector, random };
}

/** The anomaly that opens in these minutes. */
function opened(events: readonly AnomalyEvent[]): Anomaly {
  const [first] = openings(events);
  assert.ok(first, 'an anomaly opens');
  return first.anomaly;
}

const give = (detector: Detector, number: number, verdict: Verdict, anomaly: Anomaly): AnomalyEvent[] => [
  ...detector.mark(noticeOf(number, detector.lastMinute, verdict, anomaly)).events,
];

suite('noise', () => {
  test('ends the anomaly and keeps its cause quiet, until it is clearly worse', () => {
    const { detector, random } = trained();
    const anomaly = opened(feed(detector, random, CALM, CALM + 10, () => wave()));
    const [event] = give(detector, 1, 'noise', anomaly);
    assert.equal(event?.event, 'resolved');
    assert.equal(event?.anomaly.id, anomaly.id);
    assert.ok(reasons(event).includes('marked_noise'));
    assert.deepEqual(openings(feed(detector, random, CALM + 10, CALM + 70, () => wave())), [], 'told no more at the same size');
    const worse = openings(feed(detector, random, CALM + 70, CALM + 80, () => wave(12)));
    assert.equal(worse[0]?.anomaly.type, 'denials_above_normal');
    assert.ok(minuteIndex(worse[0]?.anomaly.detected_at ?? '') - CALM - 70 <= 2);
  });

  test('is forgotten after half a day as far as the cause is concerned', () => {
    const { detector, random } = trained();
    give(detector, 1, 'noise', opened(feed(detector, random, CALM, CALM + 6, () => wave())));
    assert.deepEqual(openings(feed(detector, random, CALM + 6, CALM + 721, () => usualRates())), []);
    assert.equal(opened(feed(detector, random, CALM + 740, CALM + 750, () => wave())).type, 'denials_above_normal');
  });

  test('does not hide what lasts clearly longer than the spell that was judged', () => {
    const { detector, random } = trained();
    feed(detector, random, CALM, CALM + 4, () => wave());
    const over = feed(detector, random, CALM + 4, CALM + 30, () => usualRates()).find(({ event }) => event === 'resolved');
    assert.ok(over);
    give(detector, 1, 'noise', over.anomaly);
    assert.deepEqual(openings(feed(detector, random, CALM + 30, CALM + 34, () => wave())), [], 'a spell like the first one');
    feed(detector, random, CALM + 34, CALM + 60, () => usualRates());
    const told = opened(feed(detector, random, CALM + 60, CALM + 90, () => wave()));
    const after = minuteIndex(told.detected_at) - CALM - 60;
    assert.ok(after >= 9 && after <= 14, `told after ${after} minutes`);
  });

  test('given again and again keeps a job that runs every day quiet, for a week at most', () => {
    const { detector, random } = trained();
    const job = opened(feed(detector, random, CALM, CALM + 4, () => wave()));
    for (let number = 1; number <= 3; number++) give(detector, number, 'noise', job);
    feed(detector, random, CALM + 4, CALM + 1440, () => usualRates());
    assert.deepEqual(openings(feed(detector, random, CALM + 1440, CALM + 1446, () => wave(4))), []);
  });

  test('does not end what has stopped coming altogether', () => {
    const { detector, random } = trained();
    const anomaly = opened(feed(detector, random, CALM, CALM + 10, () => []));
    assert.equal(anomaly.type, 'zero_transactions');
    assert.deepEqual(give(detector, 1, 'noise', anomaly), []);
  });

  test('given fifty times hides neither an outage nor a wave of denials', () => {
    const { detector, random } = trained();
    const denials = opened(feed(detector, random, CALM, CALM + 4, () => wave(3)));
    for (let number = 1; number <= 50; number++) give(detector, number, 'noise', denials);
    const volume = { ...denials, type: 'low_volume', node: { kind: 'fleet' } } as const;
    for (let number = 51; number <= 100; number++) give(detector, number, 'noise', volume);
    assert.equal(detector.feedback.thresholdsShifted, 2);
    feed(detector, random, CALM + 4, CALM + 60, () => usualRates());
    const copy = createDetector(OPTIONS, detector.snapshot());
    const told = openings(feed(detector, random, CALM + 60, CALM + 75, () => wave(8)));
    assert.ok(minuteIndex(told[0]?.anomaly.detected_at ?? '') - CALM - 60 <= 3, 'the wave is told within minutes');
    const outage = openings(feed(copy, random, CALM + 60, CALM + 75, () => []));
    assert.equal(outage[0]?.anomaly.type, 'zero_transactions');
    assert.ok(minuteIndex(outage[0]?.anomaly.detected_at ?? '') - CALM - 60 <= 3, 'the outage is told within minutes');
  });

  test('taken back leaves no trace: the bytes of the state are those of a detector that never heard it', () => {
    const { detector, random } = trained();
    const anomaly = { ...opened(feed(detector, random, CALM, CALM + 10, () => wave())), id: 'an_of_before' };
    const untouched = createDetector(OPTIONS, detector.snapshot());
    give(detector, 7, 'noise', anomaly);
    detector.mark(endingOf(8, detector.lastMinute, [7]));
    untouched.mark(endingOf(8, untouched.lastMinute, []));
    assert.deepEqual(Buffer.from(detector.snapshot()), Buffer.from(untouched.snapshot()));
  });
});

suite('order', () => {
  test('a repeat changes nothing', () => {
    const { detector, random } = trained();
    const anomaly = opened(feed(detector, random, CALM, CALM + 10, () => wave()));
    const notice = noticeOf(1, detector.lastMinute, 'noise', anomaly);
    assert.equal(detector.mark(notice).events.length, 1);
    const before = detector.snapshot();
    assert.deepEqual(detector.mark(notice), { events: [], scores: [] });
    assert.deepEqual(Buffer.from(detector.snapshot()), Buffer.from(before));
  });

  test('a notice that comes before its minute waits for it, so that learning again gives the same state to the bit', () => {
    const random = seeded(9);
    const windows = Array.from({ length: 700 }, (_, index) => drawWindow(random, index, index < 640 ? usualRates() : wave()));
    const live = createDetector(OPTIONS);
    const again = createDetector(OPTIONS);
    const anomaly = opened(windows.slice(0, 650).flatMap((window) => [...live.step(window).events]));
    const notices = [
      noticeOf(1, live.lastMinute, 'noise', anomaly),
      noticeOf(2, live.lastMinute, 'useful', { ...anomaly, id: 'an_other' }),
      endingOf(3, live.lastMinute, [2]),
    ];
    for (const notice of notices) again.mark(notice);
    const restored = createDetector(OPTIONS, again.snapshot());
    for (const notice of notices) live.mark(notice);
    for (const window of windows.slice(650)) live.step(window);
    for (const window of windows) restored.step(window);
    assert.deepEqual(Buffer.from(restored.snapshot()), Buffer.from(live.snapshot()));
  });
});

suite('a part that is gone', () => {
  test('comes back as new after its end was accepted, also when the verdict is taken back', () => {
    const detector = createDetector(OPTIONS);
    const random = seeded(6);
    const shop = (scale: number): Rate[] => usualRates({}, scale).map((rate) => ({ ...rate, merchant_id: 'm-2' }));
    const company = (scale: number) => () => [...usualRates({}, 3).map((rate) => ({ ...rate, merchant_id: 'm-1' })), ...shop(scale)];
    feed(detector, random, 0, CALM, company(0.5));
    const gone = opened(feed(detector, random, CALM, CALM + 260, company(0)));
    assert.equal(gone.node.merchant_id, 'm-2');
    assert.equal(give(detector, 1, 'accept_level', gone)[0]?.event, 'resolved');
    feed(detector, random, CALM + 260, CALM + 300, company(0.5));
    const parted = createDetector(OPTIONS, detector.snapshot());
    for (const one of [detector, parted]) one.mark(endingOf(2, one.lastMinute, [1]));
    feed(detector, seeded(7), CALM + 300, CALM + 320, company(0.5));
    feed(parted, seeded(7), CALM + 300, CALM + 320, company(0.5));
    assert.deepEqual(Buffer.from(parted.snapshot()), Buffer.from(detector.snapshot()));
    const query = { node: 'merchant:m-2', slice: { merchant_id: 'm-2' }, minutes: 1, step: 1 };
    const expected = detector.forecast(query)?.items[0]?.expected ?? 0;
    assert.ok(expected > 30 && expected < 70, String(expected));
  });
});

suite('a new level', () => {
  const low = () => usualRates({ all: 0.6 });

  test('is asked about after an hour, once, and taken as normal after a second one without an answer', () => {
    const { detector, random } = trained();
    const events = feed(detector, random, CALM, CALM + 150, low);
    const asked = events.filter((event) => reasons(event).includes('stable_new_level'));
    assert.ok(asked.length > 0);
    const after = minuteIndex(asked[0]?.anomaly.updated_at ?? '') - CALM;
    assert.ok(after >= 60 && after <= 75, `asked after ${after} minutes`);
    const end = events.find(({ event }) => event === 'resolved');
    assert.ok(reasons(end).includes('accepted') && !reasons(end).includes('stable_new_level'));
    const minutes = minuteIndex(end?.anomaly.resolved_at ?? '') - CALM;
    assert.ok(minutes >= after + 60 && minutes <= after + 65, `accepted after ${minutes} minutes`);
    assert.deepEqual(openings(feed(detector, random, CALM + 150, CALM + 250, low)), []);
  });

  test('is normal at once when a person says so, and what was normal comes back when the word is taken back soon', () => {
    const { detector, random } = trained();
    const anomaly = opened(feed(detector, random, CALM, CALM + 30, low));
    const [event] = give(detector, 1, 'accept_level', anomaly);
    assert.ok(reasons(event).includes('accepted_by_person'));
    assert.deepEqual(openings(feed(detector, random, CALM + 30, CALM + 60, low)), []);
    detector.mark(endingOf(2, detector.lastMinute, [1]));
    assert.equal(opened(feed(detector, random, CALM + 60, CALM + 70, low)).type, 'low_volume');
  });

  test('is not taken as normal by itself when a person says that it is real', () => {
    const { detector, random } = trained();
    const anomaly = opened(feed(detector, random, CALM, CALM + 30, low));
    give(detector, 1, 'useful', anomaly);
    const events = feed(detector, random, CALM + 30, CALM + 180, low);
    assert.ok(events.every(({ event }) => event !== 'resolved'));
    assert.ok(events.every((each) => !reasons(each).includes('stable_new_level')));
  });
});

test('useful verdicts lower the threshold of their node, by one nat at most', () => {
  const { detector, random } = trained();
  const anomaly = opened(feed(detector, random, CALM, CALM + 10, () => wave()));
  feed(detector, random, CALM + 10, CALM + 60, () => usualRates());
  const plain = createDetector(OPTIONS, detector.snapshot());
  for (let number = 1; number <= 50; number++) give(detector, number, 'useful', anomaly);
  const window = drawWindow(random, CALM + 60, usualRates({ denied: 2.2 }));
  const score = (judged: Detector) => judged.step(window).scores.find(({ node }) => node === 'status:denied')?.score ?? 0;
  const [before, after] = [score(plain), score(detector)];
  assert.ok(after > before && after < before * 1.1, `${before} -> ${after}`);
});
