import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MINUTE_MS } from '../../../clock.ts';
import type { Database } from '../../database.ts';
import { openTestDatabase } from '../../test-database.ts';
import { addMinuteCounts } from '../minute/add-minute-counts.ts';
import { addMinuteSlices } from '../minute/minute-slices.ts';
import { readShiftTraffic } from './shift-figures.ts';

const FROM = Date.parse('2026-11-22T03:00:00Z');
const MINUTES = 30;

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

test('the traffic of a period is what its merchants add up to, corrections included', async () => {
  const changes = Array.from({ length: MINUTES * 40 }, (_, index) => ({
    minute: FROM + (index % MINUTES) * MINUTE_MS,
    status: ['approved', 'denied', 'reversed', ''][(index >> 3) % 4] ?? '',
    auth_code: index % 2 === 0 ? '' : '51',
    merchant_id: index % 5 === 0 ? '' : `m-${index % 700}`,
    acquirer: `acq-${index % 3}`,
    count: 1 + (index % 13),
    amount: index / 4,
  }));
  const late = [{ ...changes[7], minute: FROM + 3 * MINUTE_MS, status: 'approved', merchant_id: 'm-9', count: 11 }] as typeof changes;
  for (const batch of [changes.slice(0, 500), changes.slice(500), late])
    await database.transaction(async (tx) => {
      const distinct = [...new Map(batch.map((one) => [JSON.stringify({ ...one, count: 0, amount: 0 }), one])).values()];
      await addMinuteCounts(tx, distinct);
      await addMinuteSlices(tx, distinct);
    });
  await database.exec(`insert into minute select minute, 'observed', coalesce(sum(count) filter (where status <> ''), 0), 0, 0, false, true, true, minute
    from minute_count group by 1`);
  for (const [from, to] of [
    [FROM, FROM + MINUTES * MINUTE_MS],
    [FROM + 2 * MINUTE_MS, FROM + 5 * MINUTE_MS],
    [FROM - 9 * MINUTE_MS, FROM],
  ] as const) {
    const [merchants] = await database.query<{ total: number; approved: number }>(
      `select coalesce(sum(count) filter (where status <> ''), 0)::bigint as total,
              coalesce(sum(count) filter (where status = 'approved'), 0)::bigint as approved
         from minute_count where minute >= $1 and minute < $2`,
      [from, to],
    );
    const { total, approved } = await readShiftTraffic(database, from, to);
    assert.deepEqual({ total, approved }, merchants);
    assert.equal(total > 0, to > FROM);
  }
});
