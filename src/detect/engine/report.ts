import type { Finding } from '@transaction-guardian/contracts/analysis.ts';
import type { MinuteScore } from '@transaction-guardian/contracts/anomaly.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { scoreRow } from '../evidence/calibration.ts';
import { band } from '../evidence/evidence.ts';
import type { LifecycleMinute } from '../anomaly/lifecycle-minute.ts';
import { scopeOf, type Episode } from '../anomaly/episode.ts';
import {
  at,
  atI32,
  atU8,
  EXPECTED,
  GROUP_ROWS,
  groupOfRow,
  NATS,
  nodeKey,
  nodeOfRow,
  type SeriesStore,
  SPREAD,
  valueOf,
} from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import type { DetectorState } from './state.ts';

/** Scores of a minute for charts: fleet, every status seen, and every row of an open anomaly, in row order. */
export function scoresOf(
  state: DetectorState,
  window: ClosedWindow,
  thresholds: Float64Array,
  mlScore: (group: number) => number,
): MinuteScore[] {
  const { store, anomalies } = state;
  const rows = new Set<number>();
  for (let row = 0; row < GROUP_ROWS; row++) if (row === 0 || atU8(store.seen, row) === 1) rows.add(row);
  const flagged = flaggedRows(anomalies.open);
  for (const row of flagged) rows.add(row);
  return [...rows]
    .sort((a, b) => a - b)
    .map((row) => {
      const measured = measure(store, row);
      const scope = scopeOf(store, row);
      const threshold = at(thresholds, atU8(store.kinds, scope));
      return {
        minute: window.minute,
        revision: window.revision,
        node: nodeKey(store, row),
        observed: at(store.counts, row),
        expected: measured.expected,
        low: measured.low,
        high: measured.high,
        z_score: measured.z,
        ml_score: mlScore(scope),
        score: Math.round((valueOf(store, row, NATS) / threshold) * 1e4) / 1e4,
        state: stateOf(store, row, flagged, window),
      };
    });
}

/** What `analyze` says about the fleet, its statuses and every suspicious row in one minute. */
export function findingsOf(state: DetectorState, minute: LifecycleMinute): Finding[] {
  const { store, anomalies } = state;
  const rows = new Set<number>(minute.candidates);
  for (let row = 0; row < GROUP_ROWS; row++) if (row === 0 || atU8(store.seen, row) === 1) rows.add(row);
  const openOf = (row: number): Episode | undefined =>
    anomalies.open.find((episode) => episode.row === row || episode.members.some((member) => member.row === row));
  return [...rows].map((row) => {
    const measured = measure(store, row);
    const episode = openOf(row);
    return {
      node: nodeOfRow(store, row),
      minute: new Date(minute.window.minute).toISOString(),
      type: episode?.anomaly.type ?? null,
      observed: at(store.counts, row),
      expected: measured.expected,
      expected_low: measured.low,
      expected_high: measured.high,
      z_score: measured.z,
      ml_score: minute.mlScore(scopeOf(store, row)),
      p_value: measured.p,
      alert: episode !== undefined,
    };
  });
}

function measure(store: SeriesStore, row: number): { expected: number; low: number; high: number; z: number; p: number } {
  const expected = valueOf(store, row, EXPECTED);
  const { low, high } = band(expected, Math.max(1, valueOf(store, row, SPREAD)));
  const { z, p } = scoreRow(store, row);
  return { expected: Math.round(expected * 1000) / 1000, low, high, z: Math.round(z * 100) / 100, p };
}

function flaggedRows(open: readonly Episode[]): Set<number> {
  const rows = new Set<number>();
  for (const episode of open) {
    rows.add(episode.row);
    for (const member of episode.members) rows.add(member.row);
  }
  return rows;
}

function stateOf(store: SeriesStore, row: number, flagged: ReadonlySet<number>, window: ClosedWindow): MinuteScore['state'] {
  if (window.state === 'silent' && valueOf(store, row, EXPECTED) >= 1) return 'no_data';
  if (flagged.has(row)) return 'anomalous';
  const scope = scopeOf(store, row);
  return atI32(store.ages, Math.min(scope, groupOfRow(row))) <= SETTINGS.learningMinutes ? 'learning' : 'normal';
}
