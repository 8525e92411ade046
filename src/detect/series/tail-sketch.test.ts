import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { seededNumbers } from '../forest/random.ts';
import { SKETCH } from './series-store.ts';
import { noteEvidence, tailOfEvidence } from './tail-sketch.ts';

/** Sketches of a row and its class that saw the evidence of a stream. */
function taught(minutes: number, draw: () => number): { readonly rows: Uint16Array; readonly classes: Float64Array } {
  const rows = new Uint16Array(SKETCH);
  const classes = new Float64Array(SKETCH);
  for (let n = 0; n < minutes; n++) noteEvidence(rows, 0, draw());
  return { rows, classes };
}

suite('sketch of the tail', () => {
  test('evidence of any distribution gets the share of the minutes that had as much', () => {
    const random = seededNumbers(1);
    // Twice as heavy a tail as the model believes, and half of it.
    for (const scale of [2, 0.5]) {
      const draw = (): number => Math.LN2 - scale * Math.log(1 - random.next());
      const { rows, classes } = taught(15_000, draw);
      for (const level of [0.2, 0.1, 0.05, 0.01]) {
        const nats = Math.LN2 - scale * Math.log(level);
        const share = Math.exp(-tailOfEvidence(rows, 0, classes, 0, nats));
        assert.ok(Math.abs(share / level - 1) < 0.25, `${scale}: ${share} at ${level}`);
      }
    }
  });

  test('it follows a change within its memory, and its numbers stay small', () => {
    const random = seededNumbers(2);
    const { rows, classes } = taught(30_000, () => Math.LN2 - 3 * Math.log(1 - random.next()));
    for (let n = 0; n < 60_000; n++) noteEvidence(rows, 0, Math.LN2 - Math.log(1 - random.next()));
    const share = Math.exp(-tailOfEvidence(rows, 0, classes, 0, Math.LN2 - Math.log(0.05)));
    assert.ok(Math.abs(share / 0.05 - 1) < 0.25, String(share));
    assert.ok(Math.max(...rows) < 20_160);
  });

  test('beyond all that was seen the tail goes on: rarer with more evidence, never impossible', () => {
    const random = seededNumbers(3);
    const { rows, classes } = taught(5000, () => Math.LN2 - Math.log(1 - random.next()));
    const tails = [5, 9, 20, 60, 400].map((nats) => tailOfEvidence(rows, 0, classes, 0, nats));
    tails.reduce((before, now) => (assert.ok(now > before), now));
    assert.ok((tails[3] ?? 0) > 30 && Number.isFinite(tails[4]));
  });

  test('a row without history believes its class, and that the normal distribution', () => {
    const empty = new Float64Array(SKETCH);
    const fresh = Math.exp(-tailOfEvidence(new Uint16Array(SKETCH), 0, empty, 0, Math.log(2 / 0.05)));
    assert.ok(Math.abs(fresh / 0.05 - 1) < 0.02, String(fresh));
    const wild = new Float64Array(SKETCH);
    for (let n = 0; n < 5000; n++) noteEvidence(wild, 0, n % 2 === 0 ? 4.5 : 0.8);
    assert.ok(Math.exp(-tailOfEvidence(new Uint16Array(SKETCH), 0, wild, 0, 4.2)) > 0.3);
  });
});
