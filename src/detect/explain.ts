import type { Anomaly, AnomalyType, Reason, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { scoreRow } from './calibration.ts';
import { countZ } from './evidence.ts';
import {
  atU8,
  GROUP_ROWS,
  type GroupKind,
  groupOfRow,
  kindOfGroup,
  LEVEL_A,
  LEVEL_B,
  nodeOfRow,
  RING,
  rowOf,
  type SeriesStore,
  SPREAD,
  statusOfRow,
  valueOf,
} from './series-store.ts';
import { recent, type Family } from './signal.ts';

/** Share of the excess from which a slice is named. */
const NAMED_SHARE = 0.6;
/** A run that deviates by less than this is told by its worst minute. */
const SURE_Z = 2;

interface Part {
  readonly id: string;
  readonly share: number;
}

/** The smallest slice that explains what a row shows: its own, narrowed by the code, the acquirer and the merchant that
 *  carry at least 60 % of the excess. `share` is the part of the excess that all the named ones carry. */
export function explainRow(store: SeriesStore, row: number, family: Family, minute: number, run: number): Anomaly['slice'] {
  const { kind: _kind, ...own } = nodeOfRow(store, row);
  const excess = excessOf(store, row, family, minute, run);
  if (excess <= 0 || family === 'spike') return { ...own, share: 1 };
  const code =
    family === 'volume' || own.auth_code !== undefined ? null : largestPart(store, row, 'auth_code', family, minute, run, excess);
  const acquirer =
    own.acquirer === undefined && own.merchant_id === undefined ? largestPart(store, row, 'acquirer', family, minute, run, excess) : null;
  const merchant =
    own.merchant_id === undefined && own.acquirer === undefined ? largestPart(store, row, 'merchant', family, minute, run, excess) : null;
  const slice: Slice = {
    ...own,
    ...(code === null ? {} : { auth_code: code.id }),
    ...(acquirer === null ? {} : { acquirer: acquirer.id }),
    ...(merchant === null ? {} : { merchant_id: merchant.id }),
  };
  const shares = [code, acquirer, merchant].flatMap((part) => (part === null ? [] : [part.share]));
  return { ...slice, share: Math.round(Math.min(1, ...shares) * 1000) / 1000 };
}

/** Deviation of a row in its bad direction over its run: transactions too many, or too few. */
function excessOf(store: SeriesStore, row: number, family: Family, minute: number, run: number): number {
  const past = recent(store, row, minute, run);
  if (family !== 'volume') return past.observed - past.expected;
  return usual(store, row) * past.minutes - past.observed;
}

const usual = (store: SeriesStore, row: number): number => valueOf(store, row, LEVEL_A) / Math.max(1e-9, valueOf(store, row, LEVEL_B));

function largestPart(
  store: SeriesStore,
  row: number,
  kind: GroupKind,
  family: Family,
  minute: number,
  run: number,
  excess: number,
): Part | null {
  const status = statusOfRow(row);
  let best: Part | null = null;
  let rivals = 0;
  for (let group = 1; group < store.groups; group++) {
    if (kindOfGroup(store, group) !== kind || (kind === 'auth_code' && atU8(store.healthy, group) === 1)) continue;
    const part = kind === 'auth_code' ? group * GROUP_ROWS : rowOf(group, status);
    if (atU8(store.seen, part) === 0) continue;
    rivals++;
    const share = excessOf(store, part, family, minute, run) / excess;
    if (share > (best?.share ?? 0)) best = { id: store.ids[group] ?? '', share: Math.min(1, share) };
  }
  // The only merchant or acquirer there is explains nothing by being named.
  return best !== null && best.share >= NAMED_SHARE && (rivals > 1 || kind === 'auth_code') ? best : null;
}

/** Sentences of an anomaly as codes and parameters of the catalogue (`reason.*`). */
export function reasonsOf(
  store: SeriesStore,
  type: AnomalyType,
  anomaly: Pick<Anomaly, 'slice' | 'started_at' | 'peak'>,
  row: number,
  minute: number,
  run: number,
  ml: number,
): Reason[] {
  const measured = headline(store, type, anomaly.peak, row, minute, run);
  const node = nodeOfRow(store, row);
  const subject: Record<string, string> = node.auth_code === undefined ? { what: node.status ?? 'total' } : { code: node.auth_code };
  const params = { ...subject, ...measured, minutes: run };
  const reasons: Reason[] = [{ code: node.auth_code === undefined ? leadOf(type) : 'code_above', params: rounded(params) }];
  const { slice } = anomaly;
  if (slice.auth_code !== undefined && node.auth_code === undefined)
    reasons.push({ code: slice.share >= 0.95 ? 'all_code' : 'code', params: { code: slice.auth_code, share: slice.share } });
  if (slice.acquirer !== undefined && node.acquirer === undefined)
    reasons.push({ code: 'acquirer', params: { acquirer: slice.acquirer, share: slice.share } });
  if (slice.merchant_id !== undefined && node.merchant_id === undefined)
    reasons.push({ code: 'merchant', params: { merchant: slice.merchant_id, share: slice.share } });
  const group = kindOfGroup(store, groupOfRow(row)) === 'auth_code' ? 0 : groupOfRow(row);
  const approved = recent(store, rowOf(group, 'approved'), minute, run);
  if (approved.expected > 0 && node.status !== 'approved') {
    const change = approved.observed / approved.expected - 1;
    if (change < -0.05) reasons.push({ code: 'approved_down', params: { change: Math.round(change * 1000) / 1000 } });
  }
  reasons.push({ code: 'since', params: { at: anomaly.started_at } });
  if (ml >= 0.9) reasons.push({ code: 'pattern', params: { ml: Math.round(ml * 100) / 100 } });
  return reasons;
}

/** Means a minute of the run and the z-score of its deviation; the worst minute where the run is no longer bad. */
function headline(
  store: SeriesStore,
  type: AnomalyType,
  peak: Anomaly['peak'],
  row: number,
  minute: number,
  run: number,
): { observed: number; expected: number; z: number } {
  const past = recent(store, row, minute, Math.min(run, RING));
  const sign = type.endsWith('_above_normal') || type === 'spike' ? 1 : -1;
  const minutes = Math.max(1, past.minutes);
  const mean = { observed: past.observed / minutes, expected: past.expected / minutes };
  const z = countZ(past.observed, past.expected, valueOf(store, row, SPREAD));
  const now = scoreRow(store, row).z;
  if (sign * z >= SURE_Z) return { ...mean, z: sign * now >= sign * z ? now : z };
  // The rate of an approval anomaly is a share, not a count a minute.
  if (type === 'approval_rate_down' || sign * peak.z_score <= 0) return { ...mean, z: sign * Math.max(0, sign * z) };
  return { observed: peak.observed, expected: peak.expected, z: peak.z_score };
}

function leadOf(type: AnomalyType): string {
  if (type === 'no_data') return 'no_data';
  if (type === 'zero_transactions') return 'zero';
  if (type === 'low_volume') return 'below';
  return type === 'approval_rate_down' ? 'rate_down' : 'above';
}

function rounded(params: Record<string, string | number>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'number' ? Math.round(value * 10) / 10 : value]),
  );
}
