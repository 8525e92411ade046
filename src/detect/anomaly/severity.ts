import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Money, Reason } from '@transaction-guardian/contracts/anomaly.ts';
import type { Limits, SeverityClass, SeverityLimits } from './severity-limits.ts';

/** What is affected, as one class sees it. */
export interface View {
  readonly kind: SeverityClass;
  /** Its expected transactions a minute. */
  readonly own: number;
  /** Part of the damage that lies in it, 0..1. */
  readonly part: number;
}

/** Transactions a minute, of the last minutes. `sure`: less one standard error, so that a small company is not paged by chance. */
export interface AffectedRate {
  readonly mean: number;
  readonly sure: number;
}

/** What an anomaly costs, in transactions. */
export interface Damage {
  /** Approved ones that did not come. */
  readonly lostRate: AffectedRate;
  /** Those, or bad ones too many, whichever are more. */
  readonly affectedRate: AffectedRate;
  /** Expected transactions of the fleet a minute. */
  readonly fleet: number;
  /** Approved transactions lost since the start. */
  readonly lost: number;
  /** Mean of the fleet's approved transactions a minute over the last day. */
  readonly usual: number;
  /** How much more an approved transaction is worth than one of the fleet, at least 1. */
  readonly worth: number;
  /** What one is worth, by currency; empty without amounts. */
  readonly tickets: readonly Money[];
  /** At least one. */
  readonly views: readonly View[];
}

export interface SeverityDecision {
  readonly severity: Severity;
  /** The limit that decided, with the figures of that minute. */
  readonly reason: Reason;
}

/** Growth loses nothing. */
export const NO_LOSS: SeverityDecision = { severity: 'info', reason: { code: 'severity_no_loss', params: {} } };

/** The severity of a damage: the highest level of which some limit is reached, of any of its views. Pure. */
export function severityOf(damage: Damage, limits: SeverityLimits): SeverityDecision {
  for (const severity of ['critical', 'warning'] as const) {
    for (const view of damage.views) {
      const reason = reached(damage, view, limits[view.kind][severity], limits.currency);
      if (reason !== null) return { severity, reason: told(severity, reason, damage, limits[view.kind].critical) };
    }
  }
  return { severity: 'info', reason: { code: 'severity_below', params: { ...rates(damage, 1), share: share(damage, 1) } } };
}

/** A limit of nothing is no explanation: the next one above it is. */
function told(severity: Severity, reason: Reason, damage: Damage, critical: Limits): Reason {
  if (reason.code === 'severity_fleet_share' && reason.params['limit'] === 0)
    return { code: 'severity_least', params: { ...rates(damage, 1), share: share(damage, 1), limit: critical.fleet_share } };
  return { code: reason.code, params: { severity, ...reason.params } };
}

/** The first limit of a level that is reached, null when none is. */
function reached(damage: Damage, view: View, limits: Limits, currency: string): Reason | null {
  return byShare(damage, view, limits, currency) ?? byRate(damage, limits, currency) ?? byLoss(damage, limits, currency);
}

function byShare(damage: Damage, view: View, limits: Limits, currency: string): Reason | null {
  const ofFleet = share(damage, view.part);
  const named = rates(damage, view.part);
  const [affected, lost] = [damage.affectedRate.sure * view.part, damage.lostRate.sure * view.part];
  if (ratio(affected, damage.fleet) >= limits.fleet_share)
    return { code: 'severity_fleet_share', params: { ...named, share: ofFleet, limit: limits.fleet_share } };
  const money = ticketOf(damage, currency);
  if (money !== null && ratio(lost * damage.worth, damage.fleet) >= limits.fleet_share) {
    const mean = damage.lostRate.mean * view.part;
    const params = {
      amount: figure(mean * money.amount),
      currency: money.currency,
      share: atMostAll(ratio(mean * damage.worth, damage.fleet)),
    };
    return { code: 'severity_fleet_money', params: { ...params, limit: limits.fleet_share } };
  }
  const ofOwn = atMostAll(ratio(damage.affectedRate.mean * view.part, view.own));
  if (limits.share === undefined || ratio(affected, view.own) < limits.share || ofFleet < (limits.share_from ?? 0)) return null;
  return { code: 'severity_share', params: { ...named, share: ofOwn, fleet: ofFleet, limit: limits.share } };
}

function byRate(damage: Damage, limits: Limits, currency: string): Reason | null {
  const { transactions_per_minute: most, amount_per_minute: mostAmount } = limits;
  if (most !== undefined && damage.affectedRate.sure >= most)
    return { code: 'severity_rate', params: { ...rates(damage, 1), limit: most } };
  const amount = amountIn(damage, damage.lostRate.mean, currency);
  const sure = amountIn(damage, damage.lostRate.sure, currency);
  if (mostAmount === undefined || amount === null || sure === null || sure < mostAmount) return null;
  return { code: 'severity_amount_rate', params: { amount: figure(amount), currency, limit: mostAmount } };
}

/** Absolute limits where they are set, else those in minutes of the fleet. */
function byLoss(damage: Damage, limits: Limits, currency: string): Reason | null {
  const { lost, usual, worth } = damage;
  const minutes = ratio(lost, usual);
  const count = Math.round(lost);
  if (limits.lost_transactions !== undefined) {
    if (lost >= limits.lost_transactions) return { code: 'severity_lost', params: { lost: count, limit: limits.lost_transactions } };
  } else if (minutes >= limits.lost_minutes) {
    return { code: 'severity_lost_minutes', params: { lost: count, minutes: figure(minutes), limit: limits.lost_minutes } };
  }
  const amount = amountIn(damage, lost, currency);
  if (limits.lost_amount !== undefined) {
    if (amount === null || amount < limits.lost_amount) return null;
    return { code: 'severity_lost_amount', params: { amount: figure(amount), currency, limit: limits.lost_amount } };
  }
  const money = ticketOf(damage, currency);
  if (money === null || minutes * worth < limits.lost_minutes) return null;
  const params = { amount: figure(lost * money.amount), currency: money.currency, minutes: figure(minutes * worth) };
  return { code: 'severity_money_minutes', params: { ...params, limit: limits.lost_minutes } };
}

const ratio = (part: number, whole: number): number => (part <= 0 ? 0 : figure(part / Math.max(1e-9, whole)));

/** Retries and floods of bad ones make more than all there is. */
const atMostAll = (share: number): number => Math.min(1, share);

const share = ({ affectedRate, fleet }: Damage, part: number): number => atMostAll(ratio(affectedRate.mean * part, fleet));

const rates = ({ affectedRate, lostRate }: Damage, part: number) => ({
  rate: figure(affectedRate.mean * part),
  lost: figure(lostRate.mean * part),
});

/** Ticket in a currency, else in the first there is; null without amounts. */
const ticketOf = ({ tickets }: Damage, currency: string): Money | null =>
  tickets.find((ticket) => ticket.currency === currency) ?? tickets[0] ?? null;

/** Transactions as an amount of one currency; null where there is none in it. */
function amountIn({ tickets }: Damage, transactions: number, currency: string): number | null {
  const ticket = tickets.find((one) => one.currency === currency);
  return ticket === undefined ? null : transactions * ticket.amount;
}

/** Four decimals: as much as anybody reads, and what is compared is what is shown. */
const figure = (value: number): number => Number(value.toFixed(4));
