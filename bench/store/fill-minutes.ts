import { MINUTE_MS } from '../../src/clock.ts';
import type { Database } from '../../src/store/database.ts';

const TEN_MINUTES = 10;

/** Acquirers of the merchants: `acq-0` to `acq-9`. */
const ACQUIRERS = 10;

export interface Filling {
  /** Its first minute, epoch milliseconds. */
  readonly from: number;
  /** How many, a multiple of ten. */
  readonly minutes: number;
  /** `m-00001` and so on. */
  readonly merchants: number;
}

/** Minutes of a company as counting leaves them: two rows a minute and merchant. */
export async function fillMinutes(database: Database, { from, minutes, merchants }: Filling): Promise<void> {
  for (let minute = 0; minute < minutes; minute += TEN_MINUTES) await fillTen(database, from + minute * MINUTE_MS, merchants);
}

async function fillTen(database: Database, from: number, merchants: number): Promise<void> {
  await database.query(
    `insert into minute_count
     select minute, status, case status when 'approved' then '00' else '51' end, 'm-' || lpad(m::text, 5, '0'), 'acq-' || m % ${ACQUIRERS}, 1 + m % 40, 10, 0
     from generate_series($1::bigint, $1::bigint + 9 * 60000, 60000) as minute, generate_series(1, $2::int) as m, unnest(array['approved', 'denied']) as status
     order by minute, m, status`,
    [from, merchants],
  );
  const range = 'minute >= $1 and minute < $1 + 600000';
  await database.query(
    `insert into minute_slice select minute, status, auth_code, acquirer, sum(count), sum(amount) from minute_count where ${range} group by 1, 2, 3, 4`,
    [from],
  );
  await database.query(
    `insert into minute select minute, 'observed', sum(count), 0, 0, false, true, true, minute + 60000 from minute_slice where ${range} group by 1`,
    [from],
  );
}
