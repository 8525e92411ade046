import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planEscalation, quietHoursOf, type Pause, type QuietHours } from './escalation.ts';
import { placeOf } from './rota.ts';

const MINUTE = 60_000;
const at = (text: string): number => Date.parse(text);
const STEPS = [0, 10, 30].map((after_minutes) => ({ after_minutes, receivers: ['phone'], schedules: [], people: [] }));
const START = at('2026-11-25T05:00:00Z');
const plan = (pauses: readonly Pause[] = [], quiet: QuietHours | null = null, startedAt = START) =>
  planEscalation({ steps: STEPS, startedAt, pauses, quiet }).map(({ at: time }) => (time === null ? null : (time - startedAt) / MINUTE));

test('steps come one after the other while nobody acknowledges', () => {
  assert.deepEqual(plan(), [0, 10, 30]);
});

test('an acknowledgement stops it; where it ends, the clock goes on from where it stood', () => {
  assert.deepEqual(plan([{ from: START + 5 * MINUTE, until: null }]), [0, null, null]);
  assert.deepEqual(plan([{ from: START + 5 * MINUTE, until: START + 65 * MINUTE }]), [0, 70, 90]);
  assert.deepEqual(plan([{ from: START - MINUTE, until: START + 2 * MINUTE }]), [2, 12, 32]);
  const two = [
    { from: START + 5 * MINUTE, until: START + 15 * MINUTE },
    { from: START + 12 * MINUTE, until: START + 20 * MINUTE },
  ];
  assert.deepEqual(plan(two), [0, 25, 45]);
  assert.deepEqual(plan(two.toReversed()), [0, 25, 45]);
});

test('what can wait waits for the end of the quiet hours, over midnight and over a clock change', () => {
  const quiet = quietHoursOf('22:00', '07:00', placeOf('America/Sao_Paulo', new Set()));
  assert.deepEqual(plan([], quiet), [300, 300, 300], '02:00 local is quiet until 07:00');
  const evening = at('2026-11-25T21:55:00-03:00');
  assert.deepEqual(plan([], quiet, evening), [0, 545, 545]);
  const berlin = quietHoursOf('22:00', '07:00', placeOf('Europe/Berlin', new Set()));
  const night = at('2026-03-28T22:00:00+01:00');
  assert.deepEqual(plan([], berlin, night), [480, 480, 480], 'an hour shorter');
});

test('a step is due in no pause and in no quiet hour', () => {
  const quiet = quietHoursOf('22:00', '07:00', placeOf('America/Sao_Paulo', new Set()));
  // Acknowledged at the end of the quiet hours.
  const pause = { from: at('2026-11-25T06:50:00-03:00'), until: at('2026-11-25T22:30:00-03:00') };
  const [first] = planEscalation({ steps: STEPS, startedAt: START, pauses: [pause], quiet });
  assert.equal(first?.at, at('2026-11-26T07:00:00-03:00'));
});

test('any plan is that of a clock which is looked at every minute', () => {
  const minutes = fc.integer({ min: -30, max: 90 });
  fc.assert(
    fc.property(fc.array(fc.tuple(minutes, fc.option(fc.integer({ min: 1, max: 60 }))), { maxLength: 4 }), (given) => {
      const pauses = given.map(([from, length]) => ({
        from: START + from * MINUTE,
        until: length === null ? null : START + (from + length) * MINUTE,
      }));
      const isPaused = (time: number) => pauses.some(({ from, until }) => from <= time && (until === null || time < until));
      const expected = STEPS.map(({ after_minutes }) => {
        let ran = 0;
        for (let time = START; time < START + 600 * MINUTE; time += MINUTE) {
          if (isPaused(time)) continue;
          if (ran === after_minutes) return (time - START) / MINUTE;
          ran += 1;
        }
        return null;
      });
      assert.deepEqual(plan(pauses), expected);
    }),
  );
});
