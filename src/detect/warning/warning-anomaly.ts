import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { MINUTE_MS } from '../../clock.ts';
import type { LifecycleMinute } from '../anomaly/lifecycle-minute.ts';
import { band } from '../evidence/evidence.ts';
import { takePeak } from '../anomaly/figures.ts';
import type { Stamp } from '../anomaly/open-anomalies.ts';
import { newAnomaly } from '../anomaly/new-anomaly.ts';
import { quantileOfNats } from '../series/normal.ts';
import {
  EXPECTED,
  groupOfRow,
  kindOfGroup,
  NATS,
  nodeKey,
  nodeOfRow,
  SLOW_A,
  SLOW_B,
  SLOW_NATS,
  SPREAD,
  type SeriesStore,
  statusOfRow,
  valueOf,
} from '../series/series-store.ts';
import { directionOf, familyOfRow, recent } from '../series/signal.ts';
import { sustainedRiseOf } from '../evidence/sustained-rise.ts';
import { DRIFT_MINUTES, type Crossing } from './crossing.ts';
import measured from './measured-precision.json' with { type: 'json' };

/** What became of the warnings of one kind. */
interface WarningRecord {
  readonly warnings: number;
  /** Those that the anomaly of their kind followed within an hour. */
  readonly confirmed: number;
}

/** Minutes of a volume whose mean is reported. */
const SHOWN_MINUTES = 10;

/** Makes the anomaly that says that a row is heading for its threshold. */
export function openWarning(store: SeriesStore, row: number, crossing: Crossing, minute: LifecycleMinute, stamp: Stamp): Anomaly {
  const { kind: _kind, ...slice } = nodeOfRow(store, row);
  const key = `${nodeKey(store, row)}|drift_warning|${new Date(minute.window.minute).toISOString()}`;
  const minutes = isVolume(store, row) ? DRIFT_MINUTES : sustainedRiseOf(store, row).minutes;
  const start = { key, row, type: 'drift_warning', slice: { ...slice, share: 1 }, minutes } as const;
  const anomaly = newAnomaly(store, start, minute, stamp);
  refreshWarning(anomaly, store, row, crossing, minute);
  return anomaly;
}

/** Brings a warning to this minute; a drift that is no longer steady (null) keeps what was said of its end. */
export function refreshWarning(
  anomaly: Anomaly,
  store: SeriesStore,
  row: number,
  crossing: Crossing | null,
  minute: LifecycleMinute,
): void {
  passTime(anomaly, minute);
  const { observed: lately, expected } = isVolume(store, row) ? fallOf(store, row, minute) : riseOf(store, row);
  const range = band(expected, Math.max(1, valueOf(store, row, SPREAD)));
  const nats = isVolume(store, row) ? valueOf(store, row, NATS) : valueOf(store, row, SLOW_NATS);
  const figures: Anomaly['peak'] = {
    minute: anomaly.updated_at,
    observed: round(lately, 3),
    expected: round(expected, 3),
    expected_low: range.low,
    expected_high: range.high,
    z_score: round(directionOf(familyOfRow(store, row)) * quantileOfNats(nats), 2),
    ml_score: 0,
    p_value: Math.exp(-nats),
  };
  Object.assign(anomaly, figures);
  if (Math.abs(figures.z_score) >= Math.abs(anomaly.peak.z_score)) anomaly.peak = figures;
  if (crossing === null) return;
  const { observed } = anomaly;
  const what = statusOfRow(row) === '' ? 'total' : statusOfRow(row);
  const { warnings: count, confirmed } = recordOf(store, row);
  anomaly.reasons = [
    { code: 'drift', params: { what, minutes: Math.round(crossing.minutes), share: round(crossing.share, 2) } },
    { code: 'drift_now', params: { observed, expected: anomaly.expected } },
    { code: 'drift_precision', params: { confirmed, count } },
  ];
}

/** Ends a warning, and says why. */
export function endWarning(anomaly: Anomaly, minute: LifecycleMinute, why: 'drift_opened' | 'drift_stopped'): void {
  passTime(anomaly, minute);
  anomaly.status = 'resolved';
  anomaly.resolved_at = anomaly.updated_at;
  takePeak(anomaly);
  anomaly.reasons = [...anomaly.reasons, { code: why, params: {} }];
}

function passTime(anomaly: Anomaly, minute: LifecycleMinute): void {
  anomaly.updated_at = new Date(minute.window.minute).toISOString();
  anomaly.duration_minutes = Math.round((minute.window.minute - Date.parse(anomaly.started_at)) / MINUTE_MS) + 1;
}

const isVolume = (store: SeriesStore, row: number): boolean => familyOfRow(store, row) === 'volume';

interface Means {
  readonly observed: number;
  readonly expected: number;
}

/** Means a minute of a volume. The fast level follows a slow fall: the slow one remembers. */
function fallOf(store: SeriesStore, row: number, minute: LifecycleMinute): Means {
  const past = recent(store, row, minute.number, SHOWN_MINUTES);
  const slow = valueOf(store, row, SLOW_A) / Math.max(1e-9, valueOf(store, row, SLOW_B));
  return { observed: past.observed / Math.max(1, past.minutes), expected: Math.max(valueOf(store, row, EXPECTED), slow) };
}

/** Means a minute of a rise since it began. */
function riseOf(store: SeriesStore, row: number): Means {
  const { observed, expected, weight } = sustainedRiseOf(store, row);
  return { observed: observed / Math.max(1, weight), expected: expected / Math.max(1, weight) };
}

/** How many warnings of the kind were right on simulated companies. */
function recordOf(store: SeriesStore, row: number): WarningRecord {
  const ofScope: Readonly<Record<string, WarningRecord>> =
    kindOfGroup(store, groupOfRow(row)) === 'acquirer' ? measured.acquirer : measured.fleet;
  return ofScope[isVolume(store, row) ? 'volume' : statusOfRow(row)] ?? { warnings: 0, confirmed: 0 };
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
