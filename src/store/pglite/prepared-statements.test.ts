import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { systemClock } from '../../clock.ts';
import { openPglite } from './open-pglite.ts';

const database = await openPglite({ memory: true, log: pino({ level: 'silent' }), clock: systemClock });
after(() => database.close());

/** More often than a statement has to come to stay prepared. */
const OFTEN = [1, 2, 3, 4, 5];

test('a statement gives the same rows when it is prepared as the first time, for every type of a column', async () => {
  const text = `select $1::text as t, $2::bigint as b, $3::double precision as d, $4::boolean as l, $5::bigint[] as bs, $6::text[] as ts,
    $7::jsonb as j, $8::bytea as y, $9::timestamptz as at, $10::json ->> 'long' as long, null::text as nothing`;
  const long = `${'ação "\\'.repeat(500)}\n`;
  const at = new Date('2026-11-29T12:00:00.000Z');
  for (const time of OFTEN) {
    const params = [
      long,
      2 ** 52,
      0.1,
      true,
      [1, null, time],
      ['a,"', long],
      '{"a":[1]}',
      Uint8Array.of(0, 255),
      at,
      JSON.stringify({ long }),
    ];
    const rows = await database.query(text, params);
    const row = { t: long, b: 2 ** 52, d: 0.1, l: true, bs: [1, null, time], ts: ['a,"', long], j: { a: [1] } };
    assert.deepEqual(rows, [{ ...row, y: Uint8Array.of(0, 255), at, long, nothing: null }]);
  }
});

test('a prepared statement that fails leaves its transaction as any other does, and works again in the next one', async () => {
  await database.exec('create table once (id bigint primary key)');
  const insert = (sql: Pick<typeof database, 'query'>, id: number) => sql.query('insert into once (id) values ($1) returning id', [id]);
  for (const id of OFTEN) await insert(database, id);
  const twice = database.transaction(async (tx) => {
    await insert(tx, 6);
    await insert(tx, 5).catch(() => undefined);
  });
  await assert.rejects(twice, { code: 'STORE_REFUSED', message: /duplicate key/ });
  assert.deepEqual(await insert(database, 6), [{ id: 6 }]);
});

test('a prepared statement sees a changed schema, and one whose change was rolled back', async () => {
  await database.exec('create table shape (a int); insert into shape values (1)');
  const look = (sql: Pick<typeof database, 'query'> = database) => sql.query('select * from shape', []);
  for (const _ of OFTEN) assert.deepEqual(await look(), [{ a: 1 }]);
  await database.exec('alter table shape add column b int default 2');
  for (const _ of OFTEN) assert.deepEqual(await look(), [{ a: 1, b: 2 }]);
  const undone = database.transaction(async (tx) => {
    await tx.exec('alter table shape drop column b');
    for (const _ of OFTEN) assert.deepEqual(await look(tx), [{ a: 1 }]);
    throw new RangeError('changed our mind');
  });
  await assert.rejects(undone, RangeError);
  // The plan was made for a table that never was: one statement may fail, the next one is right.
  await look().catch(() => undefined);
  assert.deepEqual(await look(), [{ a: 1, b: 2 }]);
});

test('statements beyond those that stay prepared take turns', async () => {
  for (let round = 0; round < 4; round += 1)
    for (let number = 0; number < 200; number += 1)
      assert.deepEqual(await database.query(`select ${number} + $1::int as sum`, [round]), [{ sum: number + round }]);
  const [kept] = await database.query<{ n: number }>('select count(*)::int as n from pg_prepared_statements', []);
  assert.equal((kept?.n ?? 0) <= 129, true);
});

test('an error of several statements without parameters leaves the connection as it was', async () => {
  await assert.rejects(database.exec('create table half (a int); select 1 / 0; create table other (a int)'), { code: 'STORE_REFUSED' });
  assert.deepEqual(await database.query("select to_regclass('half') as half", []), [{ half: null }]);
});

test('statements that a transaction asks for at once get their own rows', async () => {
  for (const time of OFTEN) {
    const asked = [1, 2, 3].map((number) => number * 10 + time);
    const rows = await database.transaction((tx) =>
      Promise.all([
        ...asked.map((number) => tx.query(`select $1::int as n_${number}`, [number])),
        tx.query('select $1::int as often', [time]),
        tx.query('select $1::int * 2 as twice', [time]),
      ]),
    );
    assert.deepEqual(rows, [...asked.map((number) => [{ [`n_${number}`]: number }]), [{ often: time }], [{ twice: 2 * time }]]);
  }
});
