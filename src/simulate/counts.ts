import type { Transaction } from '@transaction-guardian/contracts/transaction.ts';
import { OUTCOMES, type Merchant } from './company.ts';
import { DEAD_ACQUIRER_MIX, effectOn } from './incidents.ts';
import { createRandom, type Random } from './random.ts';
import type { MinuteMaker } from './minute-maker.ts';
import { aliveRow, createPostponed, idPrefix, minutePrefix, type TrafficSource } from './traffic.ts';

/** Calls `take` with the number of each outcome among `count` transactions. */
function split(random: Random, count: number, mix: readonly number[], take: (outcome: number, count: number) => void): void {
  let left = count;
  let share = 1;
  for (let i = mix.length - 1; i > 0 && left > 0; i--) {
    const p = mix[i] ?? 0;
    const n = random.binomial(left, Math.min(1, p / share));
    if (n > 0) take(i, n);
    left -= n;
    share -= p;
  }
  if (left > 0) take(0, left);
}

function totalAmount(random: Random, merchant: Merchant, count: number): number {
  const mean = merchant.ticket * Math.exp(merchant.ticketSpread ** 2 / 2);
  const spread = Math.sqrt(Math.exp(merchant.ticketSpread ** 2) - 1) / Math.sqrt(count);
  return Math.round(count * mean * Math.max(0.2, 1 + spread * random.normal()) * 100) / 100;
}

/** Makes one row a minute for each merchant, acquirer and outcome, as a source that counts before it sends. */
export function createCounts(source: TrafficSource): MinuteMaker {
  const random = createRandom(`counts/${source.seed}`);
  const late = createPostponed(random.fork('late'));
  const { company } = source;
  return {
    make: ({ minute, running }) => {
      const level = source.drift();
      const rows: Transaction[] = [];
      const timestamp = `${minutePrefix(minute)}00.000Z`;
      const prefix = idPrefix(source, minute);

      const emit = (merchant: Merchant, acquirer: number, outcome: number, count: number): void => {
        const kind = OUTCOMES[outcome] ?? OUTCOMES[0];
        const row: Transaction = {
          id: `${prefix}${merchant.id}-${acquirer}-${outcome}`,
          timestamp,
          status: kind.status,
          count,
          amount: totalAmount(random, merchant, count),
          currency: 'BRL',
          merchant_id: merchant.id,
          auth_code: kind.auth_code,
          acquirer: company.acquirers[acquirer] ?? '',
        };
        if (random.next() < source.duplicateShare) late.postpone(row, minute);
        if (random.next() < source.lateShare) late.postpone(row, minute);
        else rows.push(row);
      };

      for (const merchant of company.merchants) {
        const effect = effectOn(merchant, running, minute, company);
        const count = random.poisson(source.rate(merchant, minute, level) * effect.volume);
        const second = company.acquirers.length > 1 ? random.binomial(count, 1 - merchant.acquirerShare) : 0;
        const parts = [
          [merchant.acquirer, count - second],
          [(merchant.acquirer + 1) % company.acquirers.length, second],
        ] as const;
        for (const [acquirer, part] of parts) {
          const mix = acquirer === effect.deadAcquirer ? DEAD_ACQUIRER_MIX : effect.mix;
          split(random, part, mix, (outcome, n) => emit(merchant, acquirer, outcome, n));
        }
      }
      if (rows.length === 0) rows.push(aliveRow(source, minute));
      rows.push(...late.due(minute));
      return rows;
    },
  };
}
