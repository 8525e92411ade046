import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Database } from './database.ts';

/** A database for the suite, and a second connection to the same data where the engine allows it. */
export interface DatabaseUnderTest {
  readonly database: Database;
  release(): Promise<void>;
}

/** The behaviour that every engine of the store must have. `create` opens an empty database. */
export function databaseConformance(name: string, create: () => Promise<DatabaseUnderTest>): void {
  describe(`database: ${name}`, { timeout: 900_000 }, () => {
    let under: DatabaseUnderTest;
    let database: Database;
    before(async () => {
      under = await create();
      database = under.database;
      await database.exec(
        'create table item (id text primary key, place int not null check (place >= 0)); create table counter (value bigint not null); insert into counter values (0)',
      );
    });
    after(() => under.release());

    test('values come back with the types of the port', async () => {
      const [row] = await database.query(
        `select $1::bigint as big, $2::numeric as num, $3::timestamptz as at, $4::jsonb as doc, $5::bytea as bytes, $6::text as txt,
                $7::boolean as yes, $8::double precision as real, null::text as nothing, $9::int as small, count(*) as total`,
        [
          1_763_825_057_123,
          '12.5',
          new Date('2026-11-22T03:14:07.123Z'),
          '{"a":[1,"é"]}',
          new Uint8Array([0, 255, 10]),
          'ação "x"\n',
          true,
          0.1,
          7,
        ],
      );
      assert.deepEqual(
        { ...row, bytes: [...((row?.['bytes'] as Uint8Array | undefined) ?? [])] },
        {
          big: 1_763_825_057_123,
          num: 12.5,
          at: new Date('2026-11-22T03:14:07.123Z'),
          doc: { a: [1, 'é'] },
          bytes: [0, 255, 10],
          txt: 'ação "x"\n',
          yes: true,
          real: 0.1,
          nothing: null,
          small: 7,
          total: 1,
        },
      );
    });

    test('rows are copied in, all or none', async () => {
      await database.exec('create table copied (id text primary key, note text, size bigint)');
      await database.copy('copied (id, note, size)', 'a\\tb\t\\N\t1\nação\tx\t2\n');
      await database.transaction(async (tx) => {
        await tx.exec('savepoint before');
        await assert.rejects(tx.copy('copied (id, note, size)', 'new\tx\t3\nação\ty\t4\n'), { code: 'STORE_REFUSED' });
        await tx.exec('rollback to savepoint before');
        await tx.copy('copied (id, size)', 'last\t5\n');
      });
      assert.deepEqual(await database.query('select id, note, size from copied order by size'), [
        { id: 'a\tb', note: null, size: 1 },
        { id: 'ação', note: 'x', size: 2 },
        { id: 'last', note: null, size: 5 },
      ]);
    });

    test('arrays and bigints can be bound', async () => {
      const rows = await database.query<{ v: string | null; n: number }>(
        'select v, n from unnest($1::text[], $2::bigint[]) as u (v, n) where n < $3::bigint order by n',
        [['a,b', 'c"\\{}', null, 'late'], [1, 2, 3, 4], 4n],
      );
      assert.deepEqual(rows, [
        { v: 'a,b', n: 1 },
        { v: 'c"\\{}', n: 2 },
        { v: null, n: 3 },
      ]);
    });

    test('a transaction that throws leaves nothing, and its own error comes out', async () => {
      const failure = new Error('mine');
      await assert.rejects(
        database.transaction(async (tx) => {
          await tx.query("insert into item values ('rolled-back', 1)");
          throw failure;
        }),
        (error) => error === failure,
      );
      assert.deepEqual(await database.query("select 1 from item where id = 'rolled-back'"), []);
    });

    test('a transaction returns its value and keeps its rows', async () => {
      const value = await database.transaction(async (tx) => {
        await tx.exec("insert into item values ('kept', 1); update item set place = 2 where id = 'kept'");
        return 42;
      });
      assert.equal(value, 42);
      assert.deepEqual(await database.query("select place from item where id = 'kept'"), [{ place: 2 }]);
    });

    test('concurrent read-then-write transactions lose no update', async () => {
      const add = () =>
        database.transaction(async (tx) => {
          const [row] = await tx.query<{ value: number }>('select value from counter for update');
          await new Promise((resolve) => setImmediate(resolve));
          await tx.query('update counter set value = $1', [(row?.value ?? 0) + 1]);
        });
      await Promise.all(Array.from({ length: 20 }, add));
      assert.deepEqual(await database.query('select value from counter'), [{ value: 20 }]);
    });

    test('a query from outside does not see an open transaction', async () => {
      const inside = Promise.withResolvers<void>();
      const open = database.transaction(async (tx) => {
        await tx.query("insert into item values ('half', 1)");
        inside.resolve();
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw new Error('no');
      });
      open.catch(() => undefined);
      await inside.promise;
      assert.deepEqual(await database.query("select 1 from item where id = 'half'"), []);
      await assert.rejects(open, /no/);
    });

    test('20 000 rows go in with one statement', async () => {
      const rows = Array.from({ length: 20_000 }, (_, place) => ({ id: `big-${place}`, place }));
      await database.query('insert into item select id, place from json_to_recordset($1::json) as r (id text, place int)', [
        JSON.stringify(rows),
      ]);
      const [row] = await database.query("select count(*) as n, sum(place) as s from item where id like 'big-%'");
      assert.deepEqual(row, { n: 20_000, s: 199_990_000 });
    });

    test('a broken rule is STORE_REFUSED with the facts, and the database goes on', async () => {
      await database.query("insert into item values ('once', 1)");
      await assert.rejects(database.query("insert into item values ('once', 1)"), { code: 'STORE_REFUSED', retryable: false });
      await assert.rejects(
        database.query("insert into item values ('twice', -1)"),
        (error: { data: Record<string, unknown> }) => error.data['sqlState'] === '23514' && error.data['constraint'] === 'item_place_check',
      );
      await assert.rejects(database.query('select * from nowhere'), { code: 'STORE_REFUSED' });
      await assert.rejects(database.query('select $1::bigint', ['ten']), { code: 'STORE_REFUSED' });
      assert.deepEqual(await database.query("select place from item where id = 'once'"), [{ place: 1 }]);
    });

    test('a statement that fails spoils its transaction only', async () => {
      await assert.rejects(
        database.transaction(async (tx) => {
          await tx.query("insert into item values ('before', 1)");
          await tx.query('select broken');
        }),
        { code: 'STORE_REFUSED' },
      );
      assert.deepEqual(await database.query("select 1 from item where id = 'before'"), []);
    });

    test('swallowing an error inside a transaction does not commit half of it', async () => {
      await assert.rejects(
        database.transaction(async (tx) => {
          await tx.query("insert into item values ('swallowed', 1)");
          await tx.query('select broken').catch(() => undefined);
        }),
        { code: 'STORE_REFUSED' },
      );
      assert.deepEqual(await database.query("select 1 from item where id = 'swallowed'"), []);
    });

    test('the handle of a transaction is dead after its end', async () => {
      let leaked: { query(text: string): Promise<unknown> } | undefined;
      await database.transaction(async (tx) => {
        leaked = tx;
      });
      await assert.rejects(async () => leaked?.query('select 1'));
    });

    test('using the database inside its own transaction is refused instead of waiting for ever', async () => {
      await assert.rejects(
        database.transaction(async () => {
          await database.query('select 1');
        }),
        { code: 'INTERNAL' },
      );
    });

    test('close lets the work in hand finish and refuses what comes later', async () => {
      const other = await create();
      const last = other.database.query<{ n: number }>('select 1 as n');
      const row = await last;
      await other.database.close();
      await other.database.close();
      assert.deepEqual(row, [{ n: 1 }]);
      await assert.rejects(other.database.query('select 1'), { code: 'STORE_CLOSED' });
      await assert.rejects(
        other.database.transaction(async () => 1),
        { code: 'STORE_CLOSED' },
      );
      await other.release();
    });
  });
}
