import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createDetector } from './create-detector.ts';
import { drawWindow, feed, minuteIndex, openings, seeded, usualRates, ZONE, type Rate } from './test-traffic.ts';

const LABELS = 24 * 60;
const OUTAGE = LABELS + 120;

/** The usual traffic with labels; `denied`: denials a minute, most of them of one code. */
function labelled(denied: number, label: Partial<Rate> = {}): Rate[] {
  return usualRates().flatMap((rate): Rate[] => {
    if (rate.status !== 'denied') return [{ ...rate, auth_code: rate.status === 'approved' ? '00' : '', ...label }];
    return [
      { status: 'denied', mean: denied * 0.8, auth_code: '51', ...label },
      { status: 'denied', mean: denied * 0.2, auth_code: '05', ...label },
    ];
  });
}

suite('labels that history does not have', () => {
  for (const label of [{}, { acquirer: 'acq-1' }, { merchant_id: 'm-1' }, { acquirer: 'acq-1', merchant_id: 'm-1' }]) {
    test(`codes ${Object.keys(label).join(' and ')} appear: nothing is reported until an outage, and that at once`, () => {
      const detector = createDetector({ timeZone: ZONE });
      const events = feed(detector, seeded(41), 0, OUTAGE + 10, (index) => {
        if (index < LABELS) return usualRates();
        return labelled(index < OUTAGE ? 6 : 40, label);
      });
      const opened = openings(events);
      assert.deepEqual(
        opened.map(({ anomaly }) => [anomaly.type, anomaly.node.status]),
        [['denials_above_normal', 'denied']],
      );
      const anomaly = opened[0]?.anomaly;
      assert.ok(minuteIndex(anomaly?.detected_at ?? '') - OUTAGE <= 1, anomaly?.detected_at);
      assert.equal(anomaly?.slice.auth_code, '51');
    });
  }

  test('codes that come as rows of their own are no news either', () => {
    const detector = createDetector({ timeZone: ZONE });
    const random = seeded(44);
    const opened = openings(feed(detector, random, 0, LABELS, () => usualRates()));
    for (let index = LABELS; index < OUTAGE; index++) {
      const window = drawWindow(random, index, labelled(6));
      const plain = window.cells.map((cell) => ({ ...cell, auth_code: '' }));
      const codes = window.cells.filter((cell) => cell.auth_code !== '').map((cell) => ({ ...cell, status: '' as const }));
      opened.push(...openings(detector.step({ ...window, cells: [...plain, ...codes] }).events));
    }
    assert.deepEqual(opened, []);
  });

  test('an outage soon after the codes appeared is reported and named', () => {
    const detector = createDetector({ timeZone: ZONE });
    const events = feed(detector, seeded(42), 0, LABELS + 20, (index) =>
      index < LABELS ? usualRates() : labelled(index < LABELS + 8 ? 6 : 60),
    );
    const opened = openings(events);
    assert.deepEqual(
      opened.map(({ anomaly }) => [anomaly.node.status, minuteIndex(anomaly.detected_at) - LABELS <= 9, anomaly.slice.auth_code]),
      [['denied', true, '51']],
    );
  });

  test('a code that comes with an outage is named', () => {
    const detector = createDetector({ timeZone: ZONE });
    const events = feed(detector, seeded(43), 0, LABELS + 10, (index) =>
      index < LABELS ? labelled(6) : [...labelled(6), { status: 'denied', mean: 50, auth_code: '59' }],
    );
    const opened = openings(events);
    assert.deepEqual(
      opened.map(({ anomaly }) => [anomaly.type, anomaly.node.status, anomaly.slice.auth_code]),
      [['denials_above_normal', 'denied', '59']],
    );
  });
});
