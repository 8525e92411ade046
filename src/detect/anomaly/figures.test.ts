import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { createDetector } from '../engine/create-detector.ts';
import { feed, minuteIndex, openings, seeded, START, usualRates, MINUTE, ZONE, type Rate } from '../engine/test-traffic.ts';

const CALM = 600;
const KEYS = ['minute', 'observed', 'expected', 'expected_low', 'expected_high', 'z_score', 'ml_score', 'p_value'] as const;

function follow(minutes: number, after: (minute: number) => readonly Rate[] | null, seed = 5): AnomalyEvent[] {
  const detector = createDetector({ timeZone: ZONE });
  return feed(detector, seeded(seed), 0, CALM + minutes, (index) => (index < CALM ? usualRates() : after(index - CALM)));
}

/** The last event of every anomaly that opened after the calm minutes. */
function ends(events: readonly AnomalyEvent[]): Anomaly[] {
  const opened = openings(events).filter(({ anomaly }) => minuteIndex(anomaly.detected_at) >= CALM);
  return opened.map(({ anomaly: { id } }) => events.findLast(({ anomaly }) => anomaly.id === id)?.anomaly as Anomaly);
}

const figures = (anomaly: Pick<Anomaly, (typeof KEYS)[number]>): unknown[] => KEYS.map((key) => anomaly[key]);

suite('figures of one minute', () => {
  const incidents: readonly (readonly [string, (minute: number) => readonly Rate[] | null])[] = [
    ['denials', (minute) => usualRates(minute < 12 ? { denied: minute === 4 ? 9 : 4, approved: 0.8 } : {})],
    ['silence', (minute) => (minute < 11 ? null : usualRates())],
    ['nothing', (minute) => (minute < 9 ? [] : usualRates())],
    ['a fall', (minute) => usualRates(minute < 15 ? { all: minute === 6 ? 0.2 : 0.5 } : {})],
    ['approvals', (minute) => usualRates(minute < 14 ? { approved: 0.5, refunded: 30, denied: 2 } : {})],
  ];
  for (const [name, after] of incidents)
    for (const seed of [5, 31])
      test(`${name}: while open they are of the last minute, once resolved all of the peak, seed ${seed}`, () => {
        const events = follow(60, after, seed);
        const all = ends(events);
        assert.ok(all.length > 0);
        for (const { anomaly } of events) {
          if (anomaly.type === 'drift_warning') continue;
          const sign = Math.sign(anomaly.peak.z_score);
          assert.ok(sign * anomaly.peak.z_score >= sign * anomaly.z_score);
          if (anomaly.status === 'resolved') assert.deepEqual(figures(anomaly), figures(anomaly.peak));
          else if (anomaly.minute === anomaly.peak.minute) assert.deepEqual(figures(anomaly), figures(anomaly.peak));
        }
        for (const anomaly of all) {
          assert.equal(anomaly.status, 'resolved');
          assert.ok(anomaly.minute >= anomaly.started_at && anomaly.minute <= (anomaly.resolved_at ?? ''));
          assert.ok(anomaly.p_value < 1e-3, String(anomaly.p_value));
          assert.ok(anomaly.expected_low <= anomaly.expected && anomaly.expected <= anomaly.expected_high);
        }
      });

  test('the peak is the worst minute by its own count', () => {
    const [anomaly] = ends(follow(60, (minute) => usualRates(minute < 12 ? { denied: minute === 4 ? 12 : 5, approved: 0.8 } : {})));
    assert.equal(anomaly?.type, 'denials_above_normal');
    assert.equal(minuteIndex(anomaly?.minute ?? '') - CALM, 4);
    assert.ok((anomaly?.observed ?? 0) > 50 && (anomaly?.expected_high ?? 99) < 20, JSON.stringify(anomaly));
  });
});

suite('sentences of the whole time', () => {
  for (const hole of [3, 7, 11, 40])
    test(`an absence of ${hole} minutes ends with its whole length`, () => {
      for (const [none, code] of [
        [null, 'no_data_over'],
        [[], 'zero_over'],
      ] as const) {
        const [end] = ends(follow(hole + 60, (minute) => (minute < hole ? none : usualRates())));
        assert.deepEqual([end?.reasons[0]?.code, end?.reasons[0]?.params['minutes']], [code, hole], JSON.stringify(end?.reasons));
        // A share of the absence and of the minutes after it says nothing.
        assert.ok(!end?.reasons.some(({ code: other }) => other === 'approved_down'), JSON.stringify(end?.reasons));
      }
    });

  test('minutes with data in between do not count as silent', () => {
    const [end] = ends(follow(90, (minute) => (minute < 8 || minute === 9 ? null : usualRates())));
    assert.deepEqual([end?.reasons[0]?.code, end?.reasons[0]?.params['minutes']], ['no_data_over', 9]);
  });

  test('denials end with the mean of all their minutes, also those after the last update', () => {
    const events = follow(60, (minute) => usualRates(minute < 13 ? { denied: minute < 10 ? 4 : 12, approved: 0.8 } : {}));
    const [end] = ends(events);
    const from = new Date(START + CALM * MINUTE).toISOString();
    const mean = Number(end?.reasons[0]?.params['observed']);
    const last = events.findLast(({ anomaly, event }) => anomaly.id === end?.id && event === 'updated')?.anomaly;
    assert.equal(end?.reasons.find(({ code }) => code === 'since')?.params['at'], from);
    assert.ok(mean > 20 && mean < 50, `${mean}`);
    assert.notEqual(last?.duration_minutes, end?.duration_minutes);
    assert.equal(end?.reasons[0]?.params['z'], Math.round((end?.z_score ?? 0) * 10) / 10);
  });
});

test('after a change of headline every figure, the peak included, is of the new one', () => {
  for (const seed of [31, 32, 33]) {
    const detector = createDetector({ timeZone: ZONE });
    const random = seeded(seed);
    feed(detector, random, 0, CALM, () => usualRates({}, 3));
    const events = feed(detector, random, CALM, CALM + 45, (index) => {
      const minute = index - CALM;
      if (minute < 2) return usualRates({ all: 0.4 }, 3);
      return minute < 30 ? usualRates({ approved: 0.5, reversed: 40 }, 3) : usualRates({}, 3);
    });
    const [first] = openings(events);
    const renamed = events.find(({ anomaly }) => anomaly.id === first?.anomaly.id && anomaly.type !== first?.anomaly.type)?.anomaly;
    assert.equal(renamed?.type, 'reversals_above_normal');
    assert.deepEqual(figures(renamed), figures(renamed.peak));
    assert.ok(renamed.expected < 6 && renamed.z_score > 0, JSON.stringify(renamed));
    const [lead] = renamed.reasons;
    assert.equal(lead?.params['what'], 'reversed');
    assert.ok(Number(lead?.params['expected']) < 6 && Number(lead?.params['z']) > 0, JSON.stringify(lead));
  }
});
