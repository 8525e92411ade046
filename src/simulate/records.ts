import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import type { Transaction } from '@transaction-guardian/contracts/transaction.ts';
import { CARD_RANGES, METHODS, OUTCOMES, type Merchant, type OutcomeKind } from './company.ts';
import { DEAD_ACQUIRER_MIX, effectOn, type Effect } from './incidents.ts';
import { createRandom, type Random } from './random.ts';
import type { MinuteMaker } from './minute-maker.ts';
import { acquirerOf, aliveRow, createPostponed, cumulate, idPrefix, minutePrefix, pick, type TrafficSource } from './traffic.ts';
import { MINUTE_MS } from '../clock.ts';

const BINS = CARD_RANGES.flatMap(({ bins }) => [...bins]);
const DEAD = cumulate(DEAD_ACQUIRER_MIX);
const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
const THREE_DIGITS = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));

/** What stays the same when a transaction is tried again. */
interface Attempt {
  readonly merchant: number;
  readonly amount: number;
  readonly method: string;
  readonly customer: string;
  readonly bin: string;
  readonly acquirer: number;
  /** Event time, epoch milliseconds. */
  readonly at: number;
}

interface Prepared {
  readonly merchant: Merchant;
  readonly own: readonly number[];
  readonly methods: readonly number[];
}

/** Makes one row a transaction: with its amount, method, customer and acquirer, retries of what was refused, rows that come
 *  late and rows that come twice. */
export function createRecords(source: TrafficSource): MinuteMaker {
  const random = createRandom(`records/${source.seed}`);
  const late = createPostponed(random.fork('late'));
  const prepared = source.company.merchants.map((merchant): Prepared => ({
    merchant,
    own: cumulate(merchant.mix),
    methods: cumulate(merchant.methods),
  }));
  const retries = createRetries(random);

  const attempt = (index: number, merchant: Prepared, minute: number): Attempt => ({
    merchant: index,
    amount: Math.max(1, Math.round(random.logNormal(merchant.merchant.ticket, merchant.merchant.ticketSpread) * 100)) / 100,
    method: METHODS[pick(merchant.methods, random.next())] ?? 'credit',
    customer: `c-${index}-${random.below(5000)}`,
    bin: BINS[random.below(BINS.length)] ?? '411111',
    acquirer: acquirerOf(merchant.merchant, source.company, random.next()),
    at: minute + random.below(MINUTE_MS),
  });

  return {
    make: ({ minute, running }) => {
      const level = source.drift();
      const seconds: Transaction[][] = Array.from({ length: 60 }, () => []);
      const clock = minutePrefix(minute);
      const prefix = idPrefix(source, minute);
      let serial = 0;

      const emit = (made: Attempt, merchant: Prepared, effect: Effect): void => {
        const shares = sharesOf(made, merchant, effect, source.company.acquirers);
        const outcome = OUTCOMES[pick(shares, random.next())] ?? OUTCOMES[0];
        const second = Math.floor((made.at - minute) / 1000);
        const row: Transaction = {
          id: prefix + serial++,
          timestamp: `${clock}${TWO_DIGITS[second]}.${THREE_DIGITS[(made.at - minute) % 1000]}Z`,
          ...columnsOf(made, merchant.merchant, outcome, source.company.acquirers),
        };
        if ((outcome.status === 'denied' || outcome.status === 'failed') && random.next() < source.retryShare) retries.add(made);
        if (random.next() < source.duplicateShare) late.postpone(row, minute);
        if (random.next() < source.lateShare) late.postpone(row, minute);
        else seconds[second]?.push(row);
      };

      const effects = prepared.map(({ merchant }) => effectOn(merchant, running, minute, source.company));
      prepared.forEach((merchant, index) => {
        const effect = effects[index];
        if (effect === undefined) return;
        const count = random.poisson(source.rate(merchant.merchant, minute, level) * effect.volume);
        for (let i = 0; i < count; i++) emit(attempt(index, merchant, minute), merchant, effect);
      });
      for (const again of retries.due(minute)) {
        const merchant = prepared[again.merchant];
        const effect = effects[again.merchant];
        if (merchant !== undefined && effect !== undefined && effect.volume > 0) emit(again, merchant, effect);
      }

      const rows = seconds.flat();
      if (rows.length === 0) rows.push(aliveRow(source, minute));
      rows.push(...late.due(minute));
      return rows;
    },
  };
}

/** What was refused and is tried again within two minutes. */
function createRetries(random: Random) {
  const byMinute = new Map<number, Attempt[]>();
  return {
    add(attempt: Attempt): void {
      const at = attempt.at + 5000 + random.below(115_000);
      const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
      const list = byMinute.get(minute);
      if (list === undefined) byMinute.set(minute, [{ ...attempt, at }]);
      else list.push({ ...attempt, at });
    },
    /** Gives those of a minute, once. What is added to that very minute while they are tried comes with them. */
    *due(minute: number): Generator<Attempt> {
      yield* byMinute.get(minute) ?? [];
      byMinute.delete(minute);
    },
  };
}

/** Shares of the outcomes, cumulated. */
function sharesOf(made: Attempt, merchant: Prepared, effect: Effect, acquirers: readonly string[]): readonly number[] {
  if (made.acquirer === effect.deadAcquirer) return DEAD;
  const broken = effect.broken.find(({ slice }) => isInside(made, slice, acquirers));
  if (broken !== undefined) return cumulate(broken.mix);
  return effect.mix === merchant.merchant.mix ? merchant.own : cumulate(effect.mix);
}

function columnsOf(
  made: Attempt,
  { id }: Merchant,
  outcome: OutcomeKind,
  acquirers: readonly string[],
): Omit<Transaction, 'id' | 'timestamp'> {
  return {
    status: outcome.status,
    amount: made.amount,
    currency: 'BRL',
    merchant_id: id,
    auth_code: outcome.auth_code,
    ...(made.method === 'pix' ? {} : { card_bin: made.bin }),
    acquirer: acquirers[made.acquirer] ?? '',
    payment_method: made.method,
    customer_id: made.customer,
  };
}

/** True when an attempt is of the acquirer, the method and the cards of a slice, as far as it names them. */
function isInside(made: Attempt, { acquirer, payment_method, card_bin }: Slice, acquirers: readonly string[]): boolean {
  const isCard = card_bin === undefined || (made.method !== 'pix' && made.bin.startsWith(card_bin));
  const isMethod = payment_method === undefined || made.method === payment_method;
  return isCard && isMethod && (acquirer === undefined || acquirers[made.acquirer] === acquirer);
}
