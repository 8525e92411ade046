import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { anomalyOf, eventOf, resolvedOf } from '../alert/test-anomaly.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { startProofRun } from './test-proof.ts';
import { seededNumbers } from '../detect/forest/random.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const FAULTS = [
  { kind: 'retry', error: 'HTTP 429', afterMs: 30_000 },
  { kind: 'retry', error: 'HTTP 500', afterMs: 0 },
  { kind: 'refused', error: 'HTTP 403' },
  { kind: 'retry', error: 'ECONNREFUSED', afterMs: 0 },
  { kind: 'retry', error: 'no answer within 10 s', afterMs: 0 },
] as const;

const ROUNDS = Number(process.env['FAULT_ROUNDS'] ?? 5);
const FIRST_SEED = Number(process.env['FAULT_SEED'] ?? 1);

test('whatever the first channel does, a critical alert and its end reach somebody, in time and without doubles', async (t) => {
  const counts = { alerts: 0, lost: 0, late: 0, doubles: 0, crashes: 0, doublesAfterCrash: 0 };
  for (let seed = FIRST_SEED; seed < FIRST_SEED + ROUNDS; seed += 1) {
    const random = seededNumbers(seed).next;
    const run = await startProofRun({ after: () => undefined } as never, database);
    const fault = FAULTS[Math.floor(random() * FAULTS.length)];
    const [downFrom, downUntil] = [Math.floor(random() * 20), 20 + Math.floor(random() * 240)];
    const crashAt = random() < 0.5 ? Math.floor(random() * 150) : -1;
    const id = `an_${seed}`;
    await run.harness.publish(eventOf('opened', 10, anomalyOf({ id, severity: 'critical' })));
    let reachedAt = -1;
    let inCrash = 0;
    for (let second = 0; second < 300; second += 1) {
      const isDown = second >= downFrom && second < downUntil;
      run.first = () => (isDown && fault !== undefined ? fault : { kind: 'delivered' });
      if (second === crashAt) {
        // Taken by the receiver, and the process dies before it has noted that.
        const before = run.shown('first').length + run.shown('second').length;
        run.dies = true;
        await run.go(1, { waits: false });
        await run.restart();
        inCrash = run.shown('first').length + run.shown('second').length - before;
        counts.crashes += 1;
      } else await run.go(1);
      if (reachedAt === -1 && run.shown('first').length + run.shown('second').length > 0) reachedAt = second;
    }
    const firing = [...run.shown('first'), ...run.shown('second')].filter((what) => what.startsWith('firing'));
    counts.alerts += 1;
    if (firing.length === 0) counts.lost += 1;
    // The group's wait, a minute without proof, and the look after it; a restart begins the minute anew.
    if (reachedAt > 75 + (crashAt >= 0 ? crashAt : 0)) counts.late += 1;
    if (firing.length > 1 + inCrash) counts.doubles += 1;
    else if (firing.length > 1) counts.doublesAfterCrash += 1;
    run.first = () => ({ kind: 'delivered' });
    await run.harness.publish(eventOf('resolved', 40, resolvedOf({ id, severity: 'critical' })));
    await run.go(90);
    const ends = [...run.shown('first'), ...run.shown('second')].filter((what) => what.startsWith('resolved'));
    if (ends.length === 0) counts.lost += 1;
    if (ends.length > firing.length) counts.doubles += 1;
    await run.harness.release();
  }
  t.diagnostic(JSON.stringify(counts));
  assert.deepEqual({ lost: counts.lost, late: counts.late, doubles: counts.doubles }, { lost: 0, late: 0, doubles: 0 });
});
