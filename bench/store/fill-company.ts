import { MINUTE_MS } from '../../src/clock.ts';
import type { Database, Sql } from '../../src/store/database.ts';
import { makePartitions, MINUTE_COUNTS, TRANSACTIONS } from '../../src/store/verbs/transaction/time-partitions.ts';

const DAY_MINUTES = 1440;
/** Minutes that one transaction of the database fills. */
const STEP = 20;
/** Acquirers of the merchants: `acq-0` to `acq-9`. */
const ACQUIRERS = 10;
const ARRIVAL_MS = 40;

export interface Company {
  /** Its first minute, epoch milliseconds; the begin of a day (UTC), so that days are filled beside each other. */
  readonly from: number;
  readonly minutes: number;
  /** Transactions of each minute, evenly spread over it and over the merchants. */
  readonly perMinute: number;
  /** `m-00001` and so on. */
  readonly merchants: number;
}

/** Transactions of a company with all that counting makes of them, computed by the server itself: the rows that the product stores when these
 *  transactions are counted live, a thousand times faster. Tables of days and weeks are made where the server divides them. `atOnce`:
 *  days that are filled beside each other, a connection each. */
export async function fillCompany(database: Database, company: Company, atOnce = 1): Promise<void> {
  const to = company.from + company.minutes * MINUTE_MS;
  for (const table of [TRANSACTIONS, MINUTE_COUNTS]) await makePartitions(database, table, { from: company.from, to: to - 1 });
  const days = Array.from({ length: Math.ceil(company.minutes / DAY_MINUTES) }, (_, day) => day * DAY_MINUTES);
  const fillDays = async (): Promise<void> => {
    for (let day = days.shift(); day !== undefined; day = days.shift()) {
      const end = Math.min(company.minutes, day + DAY_MINUTES);
      for (let minute = day; minute < end; minute += STEP) {
        const range = { first: minute, end: Math.min(end, minute + STEP) };
        await database.transaction((tx) => fillStep(tx, company, range));
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, fillDays));
}

/** Id of the transaction with this number, counted from the first of the company: a UUID of version 7, as clients make them. */
export function idOf({ from, perMinute }: Company, number: number): string {
  const at = from + Math.floor((number * MINUTE_MS) / perMinute);
  const time = at.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** Amounts are quarters, whose sums are exact in any order. */
async function fillStep(tx: Sql, company: Company, { first, end }: { readonly first: number; readonly end: number }): Promise<void> {
  const { from, perMinute, merchants } = company;
  await tx.exec(`
    create temp table made on commit drop as
    select overlay(overlay(lpad(to_hex(at), 12, '0') placing '-' from 9 for 0) placing '' from 14 for 0) || '-7000-8000-' || lpad(to_hex(n), 12, '0') as id,
      at, at - at % ${MINUTE_MS} as minute,
      case when n % 20 = 0 then 'denied' when n % 331 = 0 then 'failed' when n % 997 = 0 then 'reversed' else 'approved' end as status,
      case when n % 20 = 0 then '51' else '00' end as auth_code, (n % 10000) / 4.0::float8 as amount,
      'm-' || lpad(m::text, 5, '0') as merchant_id, 'acq-' || m % ${ACQUIRERS} as acquirer, left(md5(n::text), 16) as content_hash
    from (select n, ${from} + n * ${MINUTE_MS} / ${perMinute} as at, 1 + (hashint8(n)::bigint & 2147483647) % ${merchants} as m
          from generate_series(${first * perMinute}::bigint, ${end * perMinute - 1}::bigint) as n) as numbered
    order by n;
    insert into transaction_key (id, ingested_at, content_hash) select id, at + ${ARRIVAL_MS}, content_hash from made;
    insert into transaction (id, occurred_at, ingested_at, status, count, amount, currency, merchant_id, auth_code, acquirer, payment_method,
      source, backfill, content_hash)
    select id, at, at + ${ARRIVAL_MS}, status, 1, amount, 'BRL', merchant_id, auth_code, acquirer, 'credit', 'http', false, content_hash from made;
    create temp table counted on commit drop as
    select minute, status, auth_code, merchant_id, acquirer, count(*) as count, sum(amount) as amount from made group by 1, 2, 3, 4, 5;
    insert into minute_count (minute, status, auth_code, merchant_id, acquirer, count, amount, late_count)
    select minute, status, auth_code, merchant_id, acquirer, count, amount, 0 from counted order by minute, merchant_id, status;
    insert into minute_slice (minute, status, auth_code, acquirer, count, amount)
    select minute, status, auth_code, acquirer, sum(count), sum(amount) from counted group by 1, 2, 3, 4;
    insert into minute (minute, state, total, revision, late, backfill, alive, observed, closed_at)
    select minute, 'observed', sum(count), 0, 0, false, false, true, minute + 150000 from counted group by 1`);
}
