import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { systemClock } from '../clock.ts';
import { createRawRows } from '../raw/rows/raw-rows.ts';
import { migrate } from '../store/migrate.ts';
import { MIGRATIONS } from '../store/migration-files.ts';
import { openPglite } from '../store/pglite/open-pglite.ts';
import { silentLog, template } from '../store/test-database.ts';
import { claimPartition } from '../store/verbs/log/claim-partition.ts';
import { createCloser } from './close.ts';
import { createCounter } from './counter.ts';
import { at, claimOf, manualClock, NOON, onBus, transaction, windowsOf } from './test-records.ts';

const RULES = { lateMs: 90_000, closesEarly: false, maxGapMinutes: 60, liveWithinMs: 600_000 };

test('a database of one state for all partitions goes on: nothing of its open minutes is lost, numbers go on', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-before-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const name of readdirSync(fileURLToPath(MIGRATIONS))) if (name < '0015') cpSync(new URL(name, MIGRATIONS), join(dir, name));
  const database = await openPglite({ memory: true, log: silentLog, clock: systemClock, template: await template() });
  t.after(() => database.close());
  await migrate({ database, log: silentLog, clock: systemClock }, { plain: pathToFileURL(`${dir}/`) });
  // Minute 0 is closed; minute 1 is open, with 3 approved of m-1 (2 by credit) and a refused row, which ends no live minute's judgement;
  // minute 2 is only alive.
  const raw = [
    transaction(at(1), { id: 'a', count: 2, merchant_id: 'm-1', payment_method: 'credit' }),
    transaction(at(1), { id: 'b', merchant_id: 'm-1' }),
  ];
  for (const { id, occurred_at, count, payment_method = null } of raw)
    await database.query(
      `insert into transaction (id, occurred_at, ingested_at, status, count, merchant_id, payment_method, source, backfill, content_hash)
       values ($1, $2, $2, 'approved', $3, 'm-1', $4, 'test', false, 'h')`,
      [id, occurred_at, count, payment_method],
    );
  await database.exec(`
    insert into minute values
      (${at(0)}, 'observed', 5, 0, 0, false, false, true, ${at(2)}),
      (${at(1)}, 'incomplete', 3, 0, 0, false, false, true, null),
      (${at(2)}, 'zero', 0, 0, 0, false, true, false, null);
    insert into minute_count values (${at(0)}, 'approved', '', 'm-1', '', 5, 0, 0), (${at(1)}, 'approved', '', 'm-1', '', 3, 1.5, 0);
    insert into minute_slice values (${at(0)}, 'approved', '', '', 5, 0), (${at(1)}, 'approved', '', '', 3, 1.5);
    insert into consumer_offset values ('guardian-window', 'guardian.transactions', 0, 9, 4, 'before', 0);
    update window_state set max_event_at = ${at(2, 40)}, max_live_event_at = ${at(2, 40)}, watermark = ${at(1, 10)},
      last_closed = ${at(0)}, is_live = false, sequence = 41, version = 7;`);
  assert.equal((await migrate({ database, log: silentLog, clock: systemClock }))[0], '0015-window-partitions.sql');

  const clock = manualClock(NOON);
  const counter = createCounter({ database, raw: createRawRows(database), clock, committed: () => undefined }, RULES);
  const closer = createCloser({ database, clock, group: 'guardian-window', ranges: async () => [], committed: () => undefined }, RULES);
  const claim = claimOf(5, 'after');
  assert.equal(await claimPartition(database, claim), 9);
  await closer.claim(claim);
  await counter.count(claim, onBus([transaction(at(1), { merchant_id: 'm-1' }), transaction(at(0)), transaction(at(6))], 9));
  await closer.merge();
  const told = (await windowsOf(database)).map(({ sequence, minute, revision, state, cells, slices }) => ({
    ...{ sequence, minute: (minute - NOON) / 60_000, revision, state },
    count: cells.reduce((sum, cell) => sum + cell.count, 0),
    credit: slices?.find(([key]) => key === 'p=credit')?.[1],
  }));
  assert.deepEqual(told, [
    { sequence: 42, minute: 1, revision: 0, state: 'observed', count: 4, credit: [2] },
    { sequence: 43, minute: 2, revision: 0, state: 'zero', count: 0, credit: undefined },
    { sequence: 44, minute: 3, revision: 0, state: 'silent', count: 0, credit: undefined },
    { sequence: 45, minute: 0, revision: 1, state: 'observed', count: 6, credit: undefined },
  ]);
  assert.deepEqual(await database.query('select last_minute from window_segment'), [{ last_minute: at(6) }]);
});
