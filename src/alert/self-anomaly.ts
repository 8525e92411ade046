import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly, Reason } from '@transaction-guardian/contracts/anomaly.ts';
import type { SelfType } from '@transaction-guardian/contracts/self-types.ts';
import { MINUTE_MS } from '../clock.ts';

/** Something that is wrong with the program. */
export interface SelfFinding {
  /** Since when, wall clock, epoch milliseconds. */
  readonly since: number;
  readonly severity: Severity;
  /** How bad it is, and above what it is wrong, in minutes. */
  readonly minutes: number;
  readonly limit: number;
  readonly reason: Reason;
}

export interface SelfStamp {
  readonly type: SelfType;
  /** Code of the reason that says that it is over; its parameter `minutes` is how bad it was. */
  readonly overCode: string;
  /** Id of one that begins now. */
  readonly id: string;
  readonly detectorVersion: string;
  readonly configHash: string;
}

/** The anomaly of a finding; null: it is over. `before`: as it stood, null for a new one. Its times are those of the wall clock
 *  and its counts are minutes. The severity is never lowered while it lives. Pure. */
export function selfAnomaly(stamp: SelfStamp, before: Anomaly | null, found: SelfFinding | null, now: number): Anomaly {
  const at = new Date(now).toISOString();
  const since = before?.started_at ?? new Date(Math.min(now, found?.since ?? now)).toISOString();
  const minutes = found?.minutes ?? 0;
  const most = Math.max(before?.peak.observed ?? 0, minutes);
  const limit = found?.limit ?? before?.expected_high ?? 0;
  const figures = { expected: 0, expected_low: 0, expected_high: limit, z_score: 0, ml_score: 0, p_value: 1 };
  const peak = before !== null && most > minutes ? before.peak : { minute: at, observed: most, ...figures };
  return {
    id: before?.id ?? stamp.id,
    type: stamp.type,
    status: found === null ? 'resolved' : 'open',
    severity: before?.severity === 'critical' ? 'critical' : (found?.severity ?? before?.severity ?? 'warning'),
    node: { kind: 'fleet' },
    slice: { share: 1 },
    started_at: since,
    detected_at: before?.detected_at ?? at,
    updated_at: at,
    resolved_at: found === null ? at : null,
    duration_minutes: Math.max(0, Math.round((now - Date.parse(since)) / MINUTE_MS)),
    ...(found === null ? peak : { minute: at, observed: minutes, ...figures }),
    peak,
    lost_transactions: 0,
    reasons: [found?.reason ?? { code: stamp.overCode, params: { minutes: most } }],
    detector_version: stamp.detectorVersion,
    model_version: '',
    config_hash: stamp.configHash,
    backfill: false,
  };
}
