/** What an anomaly is measured as: all traffic or a status of it, an acquirer, a response code, a merchant, or a payment method or
 *  range of cards. */
export const SEVERITY_CLASSES = ['fleet', 'acquirer', 'auth_code', 'merchant', 'slice'] as const;
export type SeverityClass = (typeof SEVERITY_CLASSES)[number];

/** Limits that make an anomaly of one class at least this severe; each of them alone is enough. Shares are 0..1. */
export interface Limits {
  /** Of the expected traffic of the fleet, or of its usual money, affected a minute. */
  readonly fleet_share: number;
  /** Of its own expected traffic affected a minute, where it takes `share_from` of the fleet's. */
  readonly share?: number;
  readonly share_from?: number;
  /** Approved transactions (or their money) lost since the start, in minutes of the fleet's mean of the last day. */
  readonly lost_minutes: number;
  /** The same in transactions, and in the currency of the limits: in place of `lost_minutes`. */
  readonly lost_transactions?: number;
  readonly lost_amount?: number;
  readonly transactions_per_minute?: number;
  readonly amount_per_minute?: number;
}

interface Levels {
  readonly critical: Limits;
  readonly warning: Limits;
}

/** The limits of every class. `currency`: that of the amounts, ISO 4217. */
export interface SeverityLimits extends Readonly<Record<SeverityClass, Levels>> {
  readonly currency: string;
}

/** Five minutes of all traffic are a tenth of what 99.9 % a month allows (Google, SRE workbook, chapter 5: page for a share of the
 *  budget, soon at a high rate and later at a low one). An anomaly of the fleet is at least a warning. */
export const DEFAULT_LIMITS: SeverityLimits = {
  currency: 'BRL',
  fleet: { critical: { fleet_share: 0.1, lost_minutes: 5 }, warning: { fleet_share: 0, lost_minutes: 1 } },
  acquirer: {
    critical: { fleet_share: 0.1, share: 0.5, share_from: 0.02, lost_minutes: 5 },
    warning: { fleet_share: 0.05, share: 0.2, share_from: 0, lost_minutes: 1 },
  },
  auth_code: { critical: { fleet_share: 0.1, lost_minutes: 5 }, warning: { fleet_share: 0, lost_minutes: 1 } },
  merchant: {
    critical: { fleet_share: 0.1, share: 0.5, share_from: 0.02, lost_minutes: 5 },
    warning: { fleet_share: 0.05, share: 0.2, share_from: 0, lost_minutes: 1 },
  },
  slice: {
    critical: { fleet_share: 0.1, share: 0.5, share_from: 0.05, lost_minutes: 5 },
    warning: { fleet_share: 0, lost_minutes: 1 },
  },
};
