import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { CARD_RANGES, DENIAL_CODES, METHODS, OUTCOMES, type Company, type Merchant } from './company.ts';
import { createRandom, type Random } from './random.ts';
import { MINUTE_MS } from '../clock.ts';

/** The menu of things that can happen. A promotion is good news: it must not alert. */
export const INCIDENT_TYPES = [
  'total_outage',
  'acquirer_down',
  'denial_burst',
  'reversal_storm',
  'slow_decay',
  'merchant_down',
  'promotion',
] as const;

/** Things that break in one payment method, one BIN, a range of them, or one method of one acquirer. Only single transactions
 *  show them (form `records`): counted minutes name no method and no card. */
export const SLICE_INCIDENT_TYPES = ['method_down', 'bin_denials', 'bin_range_denials', 'acquirer_method_down'] as const;
type SliceIncidentType = (typeof SLICE_INCIDENT_TYPES)[number];
export type IncidentType = (typeof INCIDENT_TYPES)[number] | SliceIncidentType;

/** One thing that happens to the traffic. `start` inclusive, `end` exclusive, whole minutes, epoch milliseconds. */
export interface SimulatedIncident {
  readonly id: string;
  readonly type: IncidentType;
  readonly start: number;
  readonly end: number;
  /** What is affected; empty: everything. */
  readonly slice: Slice;
  /** Whether a monitor is expected to alert. */
  readonly detect: boolean;
}

/** The ground truth as it is written beside the data. */
export interface IncidentTruth {
  readonly id: string;
  readonly type: IncidentType;
  readonly start: string;
  readonly end: string;
  readonly slice: Slice;
  readonly expected_detection: 'yes' | 'no';
}

/** The incidents as the file of the ground truth has them. */
export function truthOf(incidents: readonly SimulatedIncident[]): readonly IncidentTruth[] {
  return incidents.map(({ id, type, start, end, slice, detect }) => ({
    id,
    type,
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
    slice,
    expected_detection: detect ? 'yes' : 'no',
  }));
}

const LENGTH_MINUTES: Readonly<Record<IncidentType, number>> = {
  total_outage: 10,
  acquirer_down: 20,
  denial_burst: 20,
  reversal_storm: 25,
  slow_decay: 150,
  merchant_down: 20,
  promotion: 60,
  method_down: 20,
  bin_denials: 20,
  bin_range_denials: 20,
  acquirer_method_down: 20,
};

/** No incident takes longer. */
const MOST_PER_INCIDENT_MINUTES = 1440;

/** Makes one incident that fits the company; `random` picks the slice. Length in minutes, default by type. */
export function createIncident(
  company: Company,
  type: IncidentType,
  at: { readonly id: string; readonly start: number; readonly minutes?: number; readonly seed: string },
): SimulatedIncident {
  const random = createRandom(`incident/${at.seed}/${at.id}`);
  const start = Math.floor(at.start / MINUTE_MS) * MINUTE_MS;
  const base = { id: at.id, type, start, end: start + (at.minutes ?? LENGTH_MINUTES[type]) * MINUTE_MS, detect: type !== 'promotion' };
  const big = company.merchants.slice(0, Math.max(1, Math.ceil(company.merchants.length / 5)));
  const merchant = big[random.below(big.length)]?.id ?? '';
  switch (type) {
    case 'acquirer_down':
      return { ...base, slice: { acquirer: company.acquirers[random.below(company.acquirers.length)] ?? '' } };
    case 'denial_burst':
      return { ...base, slice: { status: 'denied', auth_code: DENIAL_CODES[random.below(DENIAL_CODES.length)] ?? '51' } };
    case 'reversal_storm':
      return { ...base, slice: { status: 'reversed' } };
    case 'merchant_down':
    case 'promotion':
      return { ...base, slice: { merchant_id: merchant } };
    case 'total_outage':
    case 'slow_decay':
      return { ...base, slice: {} };
    default:
      return { ...base, slice: brokenSlice(company, type, random) };
  }
}

function brokenSlice(company: Company, type: SliceIncidentType, random: Random): Slice {
  // Few pay by voucher.
  const payment_method = METHODS[random.below(3)] ?? 'credit';
  const range = CARD_RANGES[random.below(CARD_RANGES.length)] ?? CARD_RANGES[0];
  switch (type) {
    case 'method_down':
      return { payment_method };
    case 'acquirer_method_down':
      return { acquirer: company.acquirers[random.below(company.acquirers.length)] ?? '', payment_method };
    case 'bin_denials':
      return { status: 'denied', card_bin: range.bins[random.below(range.bins.length)] ?? '' };
    case 'bin_range_denials':
      return { status: 'denied', card_bin: range.prefix };
  }
}

/** Spreads incidents of the given types (in turn) over a span: the first after `everyMinutes`, never two at a time.
 *  The same seed gives the same plan. Pure. */
export function planIncidents(
  company: Company,
  options: {
    readonly seed: string;
    readonly start: number;
    readonly end: number;
    readonly types: readonly IncidentType[];
    readonly everyMinutes: number;
  },
): readonly SimulatedIncident[] {
  const random = createRandom(`plan/${options.seed}`);
  const incidents: SimulatedIncident[] = [];
  let at = options.start;
  for (let n = 0; options.types.length > 0; n++) {
    at += options.everyMinutes * MINUTE_MS * (0.8 + 0.4 * random.next());
    const type = options.types[n % options.types.length] ?? 'total_outage';
    const incident = createIncident(company, type, { id: `inc-${String(n + 1).padStart(3, '0')}`, start: at, seed: options.seed });
    if (incident.end > options.end) return incidents;
    incidents.push(incident);
    at = incident.end;
  }
  return incidents;
}

/** What a plan has no room for: the types without an incident, and the minutes from `start` on that all of them need; null when each
 *  type has one. Pure. */
export function lackOf(
  company: Company,
  options: Parameters<typeof planIncidents>[1],
): { readonly types: readonly IncidentType[]; readonly minutes: number } | null {
  const planned = new Set(planIncidents(company, options).map(({ type }) => type));
  const types = [...new Set(options.types)].filter((type) => !planned.has(type));
  if (types.length === 0) return null;
  const end = options.start + options.types.length * (MOST_PER_INCIDENT_MINUTES + 2 * options.everyMinutes) * MINUTE_MS;
  const all = planIncidents(company, { ...options, end });
  const last = all[options.types.length - 1];
  return { types, minutes: Math.ceil(((last?.end ?? end) - options.start) / MINUTE_MS) };
}

/** What the running incidents do to one merchant in one minute. */
export interface Effect {
  /** Factor of the volume. */
  volume: number;
  /** Shares of OUTCOMES to draw from; the merchant's own when nothing is wrong. */
  mix: readonly number[];
  /** Index of an acquirer whose transactions fail, or -1. */
  deadAcquirer: number;
  /** Parts of the traffic with shares of their own. */
  broken: readonly BrokenPart[];
}

/** Transactions of which all named fields agree draw from a mix of their own. */
export interface BrokenPart {
  readonly slice: Slice;
  readonly mix: readonly number[];
}

const FAILED_91 = OUTCOMES.findIndex((outcome) => outcome.auth_code === '91');
const DENIED_05 = OUTCOMES.findIndex((outcome) => outcome.auth_code === '05');
const REVERSED = OUTCOMES.findIndex((outcome) => outcome.status === 'reversed');
const BACKEND_REVERSED = OUTCOMES.findIndex((outcome) => outcome.status === 'backend_reversed');

/** Outcomes of a transaction that goes to an acquirer that does not answer: nearly all fail with code 91. */
export const DEAD_ACQUIRER_MIX: readonly number[] = OUTCOMES.map((_, index) => (index === FAILED_91 ? 0.97 : index === 0 ? 0.03 : 0));

/** Moves a share of the approved ones to other outcomes. */
function moved(mix: readonly number[], to: readonly (readonly [number, number])[]): readonly number[] {
  const result = [...mix];
  for (const [index, share] of to) {
    const taken = (mix[0] ?? 0) * share;
    result[index] = (result[index] ?? 0) + taken;
    result[0] = (result[0] ?? 0) - taken;
  }
  return result;
}

const RAMP_MS = 10 * MINUTE_MS;

/** 0 at both ends of an incident, 1 from ten minutes after its start to ten minutes before its end. */
function ramp(incident: SimulatedIncident, timeMs: number): number {
  return Math.min(1, (timeMs - incident.start) / RAMP_MS, (incident.end - timeMs) / RAMP_MS);
}

/** What the incidents that run at `timeMs` do to a merchant. Several at a time add up. Pure. */
export function effectOn(merchant: Merchant, running: readonly SimulatedIncident[], timeMs: number, company: Company): Effect {
  const effect: Effect = { volume: 1, mix: merchant.mix, deadAcquirer: -1, broken: [] };
  for (const incident of running) {
    if (timeMs < incident.start || timeMs >= incident.end) continue;
    if (incident.slice.merchant_id !== undefined && incident.slice.merchant_id !== merchant.id) continue;
    switch (incident.type) {
      case 'total_outage':
      case 'merchant_down':
        effect.volume = 0;
        break;
      case 'promotion':
        effect.volume *= 1 + 6 * ramp(incident, timeMs);
        break;
      case 'slow_decay':
        effect.volume *= 1 - 0.7 * ((timeMs - incident.start) / (incident.end - incident.start));
        break;
      case 'acquirer_down':
        effect.deadAcquirer = company.acquirers.indexOf(incident.slice.acquirer ?? '');
        break;
      case 'denial_burst': {
        const index = OUTCOMES.findIndex((outcome) => outcome.status === 'denied' && outcome.auth_code === incident.slice.auth_code);
        effect.mix = moved(effect.mix, [[index, 0.25]]);
        break;
      }
      case 'reversal_storm':
        effect.mix = moved(effect.mix, [
          [REVERSED, 0.12],
          [BACKEND_REVERSED, 0.04],
        ]);
        break;
      case 'method_down':
      case 'acquirer_method_down':
        effect.broken = [...effect.broken, { slice: incident.slice, mix: DEAD_ACQUIRER_MIX }];
        break;
      case 'bin_denials':
      case 'bin_range_denials':
        effect.broken = [...effect.broken, { slice: incident.slice, mix: moved(effect.mix, [[DENIED_05, 0.6]]) }];
        break;
    }
  }
  return effect;
}
