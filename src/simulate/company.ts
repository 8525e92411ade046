import type { Status } from '@transaction-guardian/contracts/status.ts';
import { BUSINESS_PROFILES, type BusinessProfile } from './curve.ts';
import { createRandom, type Random } from './random.ts';

/** One way in which an authorization can end, with its ISO 8583 response code. */
export interface OutcomeKind {
  readonly status: Status;
  readonly auth_code: string;
}

/** Every outcome that the company produces; positions are used as indexes into the mixes. */
export const OUTCOMES = [
  { status: 'approved', auth_code: '00' },
  { status: 'denied', auth_code: '51' },
  { status: 'denied', auth_code: '05' },
  { status: 'denied', auth_code: '59' },
  { status: 'denied', auth_code: '14' },
  { status: 'denied', auth_code: '54' },
  { status: 'denied', auth_code: '57' },
  { status: 'failed', auth_code: '91' },
  { status: 'failed', auth_code: '96' },
  { status: 'reversed', auth_code: '00' },
  { status: 'backend_reversed', auth_code: '00' },
  { status: 'refunded', auth_code: '00' },
] as const satisfies readonly OutcomeKind[];

/** Shares of an ordinary day, in the order of OUTCOMES; what is left is approved. */
const ORDINARY_SHARES = [0, 0.026, 0.012, 0.006, 0.003, 0.0025, 0.0025, 0.0008, 0.0004, 0.008, 0.0006, 0.007];

/** Response codes of a denial that `denial_burst` can be about. */
export const DENIAL_CODES = ['51', '05', '59'] as const;

export interface Merchant {
  readonly id: string;
  /** Transactions a minute, mean over an ordinary week. */
  readonly rate: number;
  readonly profile: BusinessProfile;
  /** Share of each of OUTCOMES; adds up to 1. */
  readonly mix: readonly number[];
  /** Index of the acquirer that takes most of the traffic, and its share; the next one takes the rest. */
  readonly acquirer: number;
  readonly acquirerShare: number;
  /** Median ticket in BRL, and spread of its logarithm. */
  readonly ticket: number;
  readonly ticketSpread: number;
  /** Share of each of METHODS. */
  readonly methods: readonly number[];
}

export const METHODS = ['credit', 'debit', 'pix', 'voucher'] as const;

/** Cards by issuer: neighbouring BINs, and the digits that they begin with. */
export const CARD_RANGES = [
  { prefix: '4111', bins: ['411111', '411114', '411187'] },
  { prefix: '4532', bins: ['453201', '453277'] },
  { prefix: '5105', bins: ['510510', '510532'] },
  { prefix: '5555', bins: ['555555', '555541'] },
  { prefix: '5066', bins: ['506699'] },
  { prefix: '6363', bins: ['636368'] },
  { prefix: '6062', bins: ['606282', '606291'] },
] as const;

export interface Company {
  readonly merchants: readonly Merchant[];
  readonly acquirers: readonly string[];
}

export interface CompanyOptions {
  readonly seed: string;
  /** Number of merchants (default 40). */
  readonly merchants?: number;
  /** Number of acquirers (default 3). */
  readonly acquirers?: number;
}

const SMALLEST = 3;
const LARGEST = 400;
const TICKETS: Readonly<Record<BusinessProfile, number>> = { retail: 85, food: 38, online: 140, fuel: 120 };

function mixOf(random: Random): readonly number[] {
  const mix = ORDINARY_SHARES.map((share) => share * random.logNormal(1, 0.2));
  mix[0] = 1 - mix.reduce((sum, share) => sum + share, 0);
  return mix;
}

/** Makes merchants of very different size (3 to 400 transactions a minute, by rank as in Zipf's law with some noise),
 *  biggest first. The same seed gives the same company. Pure. */
export function createCompany(options: CompanyOptions): Company {
  const random = createRandom(`company/${options.seed}`);
  const count = options.merchants ?? 40;
  const acquirers = Array.from({ length: options.acquirers ?? 3 }, (_, i) => `acq-${i + 1}`);
  const merchants = Array.from({ length: count }, (_, rank): Merchant => {
    const rate = rank === 0 ? LARGEST : (LARGEST / (rank + 1) ** 1.05) * random.logNormal(1, 0.15);
    const profile = BUSINESS_PROFILES[rank % BUSINESS_PROFILES.length] ?? 'retail';
    const debit = 0.2 + 0.2 * random.next();
    const pix = 0.1 + 0.1 * random.next();
    const voucher = profile === 'food' ? 0.15 : 0.01;
    return {
      id: `m-${String(rank + 1).padStart(4, '0')}`,
      rate: Math.min(LARGEST, Math.max(SMALLEST, rate)),
      profile,
      mix: mixOf(random),
      acquirer: random.below(acquirers.length),
      acquirerShare: 0.75 + 0.2 * random.next(),
      ticket: TICKETS[profile] * random.logNormal(1, 0.3),
      ticketSpread: 0.6 + 0.4 * random.next(),
      methods: [1 - debit - pix - voucher, debit, pix, voucher],
    };
  });
  return { merchants, acquirers };
}
