import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly, Reason, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { MINUTE_MS } from '../../clock.ts';
import { scoreRow } from '../evidence/calibration.ts';
import { countZ } from '../evidence/evidence.ts';
import { NATS, nodeOfRow, RING, type SeriesStore, SPREAD, valueOf } from '../series/series-store.ts';
import type { PeriodMean } from './period.ts';
import { emptyRun, recent } from '../series/signal.ts';
import { sustainedRiseOf, isSustainedRise, type SustainedRise } from '../evidence/sustained-rise.ts';
import { SETTINGS } from '../series/settings.ts';

/** A run that deviates by less than this is reported by its worst minute. */
const SURE_Z = 2;

const BIN_DIGITS = 6;

/** Fall of the approved ones from which it is named. */
const NAMED_FALL = 0.05;

const ZERO_APPROVED: Readonly<Record<string, string>> = { zero: 'zero_approved', zero_over: 'zero_approved_over' };

/** Sentences of an anomaly as codes and parameters of the catalogue (`reason.*`). */
export function reasonsOf(store: SeriesStore, anomaly: ReportedAnomaly, row: number, minute: number, mean: PeriodMean): Reason[] {
  const { type, duration_minutes: run } = anomaly;
  const isOver = anomaly.status === 'resolved';
  const rise = !isOver && burns(store, type, anomaly, row) ? sustainedRiseOf(store, row) : null;
  const measured = rise === null ? headline(store, anomaly, row, minute, mean) : riseHeadline(store, row, rise);
  const node = nodeOfRow(store, row);
  const subject: Record<string, string> = node.auth_code === undefined ? { what: node.status ?? 'total' } : { code: node.auth_code };
  // Between two silent minutes some may have come.
  const isAbsent = type === 'no_data' ? mean.observed === 0 : recent(store, row, minute, 1).observed === 0;
  const empty = emptyRun(store, row, minute);
  // The ring ends before a long absence does.
  const absent = type === 'zero_transactions' && empty > 0 && empty < RING ? Math.min(empty, run) : run;
  const params = { ...subject, ...measured, minutes: isOver ? mean.empty : absent };
  const lead = isOver ? leadOfEnd(type, mean.empty) : leadOf(type, isAbsent);
  // Denials may go on where nothing is approved.
  const code = node.status === 'approved' ? (ZERO_APPROVED[lead] ?? lead) : lead;
  const reasons: Reason[] = [{ code: node.auth_code === undefined ? code : 'code_above', params: rounded(params) }];
  const { slice } = anomaly;
  if (slice.auth_code !== undefined && node.auth_code === undefined)
    reasons.push({ code: slice.share >= 0.95 ? 'all_code' : 'code', params: { code: slice.auth_code, share: slice.share } });
  reasons.push(...placeReasons(slice, node));
  // The sentence of a sustained rise names hours that the means are not of, and where nothing came all approved ones are missing.
  const isImplied = rise !== null || node.status === 'approved' || /^(no_data|zero)/.test(code);
  const { approved } = mean;
  const change = isImplied || approved.expected <= 0 ? 0 : approved.observed / approved.expected - 1;
  if (change < -NAMED_FALL) reasons.push({ code: 'approved_down', params: { change: round3(change) } });
  if (rise !== null) reasons.push({ code: 'slow_burn', params: { change: round3(rise.observed / rise.expected - 1) } });
  reasons.push({ code: 'since', params: { at: rise === null ? new Date(mean.from * MINUTE_MS).toISOString() : anomaly.started_at } });
  const ml = anomaly.ml_score;
  if (ml >= 0.9) reasons.push({ code: 'pattern', params: { ml: Math.round(ml * 100) / 100 } });
  return reasons;
}

/** What the sentences of an anomaly are made of. */
type ReportedAnomaly = Pick<Anomaly, 'type' | 'status' | 'slice' | 'started_at' | 'detected_at' | 'duration_minutes' | 'peak' | 'ml_score'>;

/** Says where the excess is: one sentence for one or two dimensions that the node does not have. */
function placeReasons(slice: Anomaly['slice'], node: Slice): Reason[] {
  const places = {
    acquirer: node.acquirer === undefined ? slice.acquirer : undefined,
    bin: slice.card_bin === undefined || slice.card_bin.length === BIN_DIGITS ? slice.card_bin : `${slice.card_bin}*`,
    merchant: node.merchant_id === undefined ? slice.merchant_id : undefined,
    method: slice.payment_method,
  };
  const named = Object.entries(places).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  if (named.length === 0) return [];
  return [{ code: named.map(([name]) => name).join('_'), params: { ...Object.fromEntries(named), share: slice.share } }];
}

/** Adverse transactions whose anomaly took as long to report as a sustained rise does, and still is one. */
function burns(store: SeriesStore, type: AnomalyType, anomaly: Pick<Anomaly, 'started_at' | 'detected_at'>, row: number): boolean {
  const delay = (Date.parse(anomaly.detected_at) - Date.parse(anomaly.started_at)) / MINUTE_MS;
  return type.endsWith('_above_normal') && delay >= SETTINGS.riseLeastMinutes / 2 && isSustainedRise(store, row);
}

interface Headline {
  readonly observed: number;
  readonly expected: number;
  readonly z: number;
}

/** Means a minute of the hours for which an adverse status has been raised, and the z-score of its evidence. */
function riseHeadline(store: SeriesStore, row: number, { observed, expected, weight }: SustainedRise): Headline {
  return { observed: observed / weight, expected: expected / weight, z: Math.sqrt(2 * valueOf(store, row, NATS)) };
}

/** Means a minute of the period that the sentence names, and the z-score of the worst minute. Of an open approval anomaly, whose peak is
 *  a share and not a count a minute, the z-score of its last minutes. */
function headline(
  store: SeriesStore,
  { type, status, peak, duration_minutes: run }: ReportedAnomaly,
  row: number,
  minute: number,
  { observed, expected }: PeriodMean,
): Headline {
  const sign = type.endsWith('_above_normal') || type === 'spike' ? 1 : -1;
  const isRate = type === 'approval_rate_down' && status === 'open';
  if (!isRate) return { observed, expected, z: sign * Math.max(0, sign * peak.z_score) };
  const past = recent(store, row, minute, run);
  const z = countZ(past.observed, past.expected, valueOf(store, row, SPREAD));
  return { observed, expected, z: sign * Math.max(0, sign * z, z * sign >= SURE_Z ? sign * scoreRow(store, row).z : 0) };
}

/** Nothing is said to be there only while it is not: an absence that ends, or leaves a little, is a fall. */
function leadOf(type: AnomalyType, isAbsent: boolean): string {
  if (type === 'no_data') return isAbsent ? 'no_data' : 'below';
  if (type === 'zero_transactions') return isAbsent ? 'zero' : 'below';
  if (type === 'low_volume') return 'below';
  return type === 'approval_rate_down' ? 'rate_down' : 'above';
}

/** Of an absence that is over, how long it was. */
function leadOfEnd(type: AnomalyType, empty: number): string {
  if (empty > 0 && type === 'no_data') return 'no_data_over';
  if (empty > 0 && type === 'zero_transactions') return 'zero_over';
  return leadOf(type, false);
}

function rounded(params: Record<string, string | number>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'number' ? Math.round(value * 10) / 10 : value]),
  );
}

const round3 = (value: number): number => Math.round(value * 1000) / 1000;
