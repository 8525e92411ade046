import type { Transaction } from '@transaction-guardian/contracts/transaction.ts';
import { createCompany, type Company } from './company.ts';
import { createCounts } from './counts.ts';
import { createCurve } from './curve.ts';
import type { SimulatedIncident } from './incidents.ts';
import { createRandom } from './random.ts';
import { createRecords } from './records.ts';
import { MINUTE_MS } from '../clock.ts';

/** Everything that arrives within one minute of the simulation; late rows have an earlier timestamp. */
export interface SimulatedMinute {
  /** Start of the minute, epoch milliseconds. */
  readonly minute: number;
  readonly transactions: readonly Transaction[];
}

export interface SimulateOptions {
  readonly seed: string;
  /** First minute, epoch milliseconds. */
  readonly start: number;
  /** How many minutes; may be Infinity. */
  readonly minutes: number;
  /** IANA zone of the daily and weekly curves. */
  readonly timeZone: string;
  /** `records`: one row a transaction; `minutes`: one row a minute for each merchant, acquirer and outcome. */
  readonly form: 'records' | 'minutes';
  /** Default: forty merchants made from the seed. */
  readonly company?: Company;
  /** What goes wrong, or a function that says what may be running at a minute. Default: nothing. */
  readonly incidents?: readonly SimulatedIncident[] | ((minute: number) => readonly SimulatedIncident[]);
  /** Share of rows that arrive one to five minutes after their time (default 0.003). */
  readonly lateShare?: number;
  /** Share of rows that arrive twice, with the same id (default 0.001). */
  readonly duplicateShare?: number;
  /** Share of denied and failed transactions that are tried again within two minutes (default 0.25; `records` only). */
  readonly retryShare?: number;
  /** Local dates (`YYYY-MM-DD`) that are lived like Sundays (default: none). */
  readonly holidays?: readonly string[];
  /** Factor of the whole volume (default 1). */
  readonly volume?: number;
}

/** Slow drift of the demand of everybody together: a day is never exactly like the one before. */
function createDrift(seed: string): () => number {
  const random = createRandom(`drift/${seed}`);
  let level = 0;
  return () => {
    level = 0.98 * level + 0.006 * random.normal();
    return Math.exp(level);
  };
}

/** Makes the traffic of a payment company, minute by minute, for as long as it is asked to. Ids are stable: the same options
 *  give the same rows, byte for byte. A minute without any transaction has one row with count 0 (alive, none). Pure. */
export function* simulate(options: SimulateOptions): Generator<SimulatedMinute, void, undefined> {
  const company = options.company ?? createCompany({ seed: options.seed });
  const curve = createCurve(options.timeZone, options.holidays);
  const drift = createDrift(options.seed);
  const volume = options.volume ?? 1;
  const shared = {
    company,
    seed: options.seed,
    lateShare: options.lateShare ?? 0.003,
    duplicateShare: options.duplicateShare ?? 0.001,
    retryShare: options.retryShare ?? 0.25,
    rate: (merchant: Company['merchants'][number], minute: number, level: number) =>
      merchant.rate * volume * level * curve.factor(merchant.profile, minute),
    drift,
  };
  const maker = options.form === 'records' ? createRecords(shared) : createCounts(shared);
  const start = Math.floor(options.start / MINUTE_MS) * MINUTE_MS;
  const { incidents = [] } = options;
  for (let n = 0; n < options.minutes; n++) {
    const minute = start + n * MINUTE_MS;
    const running =
      typeof incidents === 'function'
        ? incidents(minute)
        : incidents.filter((incident) => incident.start <= minute && minute < incident.end);
    yield { minute, transactions: maker.make({ minute, running }) };
  }
}
