import type { Anomaly, AnomalyEvent, MinuteScore } from '@transaction-guardian/contracts/anomaly.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { MINUTE_MS } from '../../clock.ts';
import { GuardianError } from '../../errors.ts';
import type { Detector } from './detector.ts';

/** First minute of the windows of tests. */
export const TEST_START = Date.parse('2026-11-22T03:00:00.000Z');

/** Window number `index` (from 0) with so many approved transactions. */
export function windowOf(index: number, count: number, changes: Partial<ClosedWindow> = {}): ClosedWindow {
  const cell = { status: 'approved', auth_code: '00', merchant_id: 'm-1', acquirer: 'a-1', count, amount: count * 10 } as const;
  return {
    v: 1,
    sequence: index + 1,
    minute: TEST_START + index * MINUTE_MS,
    revision: 0,
    state: count > 0 ? 'observed' : 'zero',
    cells: count > 0 ? [cell] : [],
    late: 0,
    backfill: false,
    closed_at: TEST_START + (index + 2) * MINUTE_MS,
    ...changes,
  };
}

interface State {
  lastSequence: number;
  lastMinute: number | null;
  open: Anomaly | null;
}

export interface TestDetectorOptions {
  /** First letters of the ids of anomalies, one per version. */
  readonly prefix?: string;
  /** Minutes with fewer transactions are anomalous (default 1). */
  readonly below?: number;
  readonly stateBytes?: number;
  /** Throws on this sequence. */
  readonly failsOn?: number;
}

/** A detector for tests of what surrounds it: an anomaly opens with the first minute below a bound and resolves with the
 *  first one above it. */
export function createTestDetector(options: TestDetectorOptions, snapshot: Uint8Array | null): Detector {
  const state: State = snapshot === null ? { lastSequence: 0, lastMinute: null, open: null } : decode(snapshot);

  function step(window: ClosedWindow): { events: AnomalyEvent[]; scores: MinuteScore[] } {
    if (window.sequence <= state.lastSequence) return { events: [], scores: [] };
    state.lastSequence = window.sequence;
    if (window.sequence === options.failsOn) throw new Error('the detector has a bug');
    state.lastMinute = window.minute;
    const count = window.cells.reduce((sum, cell) => sum + cell.count, 0);
    const isLow = count < (options.below ?? 1);
    const events: AnomalyEvent[] = [];
    const before = state.open;
    const time = new Date(window.minute).toISOString();
    if (isLow || before !== null) {
      const anomaly = anomalyAt(
        before,
        `${options.prefix ?? 'an'}_${before === null ? window.sequence : before.id.split('_')[1]}`,
        time,
        !isLow,
      );
      const event = before === null ? 'opened' : isLow ? 'updated' : 'resolved';
      events.push({ v: 1, event, sequence: window.sequence, anomaly });
      state.open = isLow ? anomaly : null;
    }
    return { events, scores: [scoreOf(window, count, isLow)] };
  }

  return {
    step,
    mark: () => ({ events: [], scores: [] }),
    analyze: () => ({ findings: [], learning: false, opened: [] }),
    forecast: () => null,
    snapshot: () => Buffer.from(JSON.stringify(state)),
    get lastSequence() {
      return state.lastSequence;
    },
    get lastMinute() {
      return state.lastMinute ?? Number.NaN;
    },
    learning: false,
    feedback: { useful: 0, noise: 0, thresholdsShifted: 0, patternFactor: 1 },
    seriesCount: 1,
    shardSeries: [],
    unwatched: 0,
    stateBytes: options.stateBytes ?? 100,
  };
}

function decode(snapshot: Uint8Array): State {
  try {
    return JSON.parse(Buffer.from(snapshot).toString('utf8')) as State;
  } catch (error) {
    throw new GuardianError('DETECT_SNAPSHOT_INVALID', 'The snapshot is damaged.', { cause: error });
  }
}

function anomalyAt(before: Anomaly | null, id: string, time: string, resolved: boolean): Anomaly {
  return {
    id,
    type: 'zero_transactions',
    status: resolved ? 'resolved' : 'open',
    severity: 'critical',
    node: { kind: 'fleet' },
    slice: { share: 1 },
    started_at: before?.started_at ?? time,
    detected_at: before?.detected_at ?? time,
    updated_at: time,
    resolved_at: resolved ? time : null,
    duration_minutes: before === null ? 1 : before.duration_minutes + 1,
    minute: time,
    observed: 0,
    expected: 100,
    expected_low: 80,
    expected_high: 120,
    z_score: -9,
    ml_score: 1,
    p_value: 1e-12,
    peak: { minute: time, observed: 0, expected: 100, expected_low: 0, expected_high: 200, z_score: -9, ml_score: 1, p_value: 1e-9 },
    lost_transactions: 100,
    reasons: [],
    detector_version: '1',
    model_version: '1',
    config_hash: 'c',
    backfill: false,
  };
}

function scoreOf(window: ClosedWindow, observed: number, isLow: boolean): MinuteScore {
  const band = { expected: 100, low: 80, high: 120, z_score: 0, ml_score: 0, score: isLow ? 1 : 0 };
  return { minute: window.minute, revision: window.revision, node: 'fleet', observed, ...band, state: isLow ? 'anomalous' : 'normal' };
}
