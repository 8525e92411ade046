import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { alertOf, type AlertOptions } from './alert-of.ts';
import type { Alert } from '@transaction-guardian/contracts/alert.ts';

/** Options of tests: Portuguese, the night shift's zone, a console. */
export const TEST_OPTIONS: AlertOptions = { locale: 'pt-BR', timeZone: 'America/Sao_Paulo', externalUrl: 'http://127.0.0.1:8001' };

/** An open anomaly of a test: denials of the whole fleet, 17:09 in São Paulo. */
export function anomalyOf(changes: Partial<Anomaly> = {}): Anomaly {
  return {
    id: 'an_1',
    type: 'denials_above_normal',
    status: 'open',
    severity: 'warning',
    node: { kind: 'status', status: 'denied' },
    slice: { status: 'denied', auth_code: '51', share: 0.9 },
    started_at: '2025-07-12T20:09:00.000Z',
    detected_at: '2025-07-12T20:10:00.000Z',
    updated_at: '2025-07-12T20:10:00.000Z',
    resolved_at: null,
    duration_minutes: 1,
    minute: '2025-07-12T20:10:00.000Z',
    observed: 32,
    expected: 6,
    expected_low: 2,
    expected_high: 11,
    z_score: 10.4,
    ml_score: 0.97,
    p_value: 1e-12,
    peak: {
      minute: '2025-07-12T20:10:00.000Z',
      observed: 41,
      expected: 6.1,
      expected_low: 0,
      expected_high: 12.2,
      z_score: 12.25,
      ml_score: 0.99,
      p_value: 1e-9,
    },
    lost_transactions: 26,
    reasons: [],
    detector_version: '2.0.0',
    model_version: 'm1',
    config_hash: 'c1',
    backfill: false,
    ...changes,
  };
}

/** The same anomaly after its end, 12 minutes later, with the figures of its worst minute. */
export function resolvedOf(changes: Partial<Anomaly> = {}): Anomaly {
  const ended = {
    status: 'resolved',
    resolved_at: '2025-07-12T20:21:00.000Z',
    updated_at: '2025-07-12T20:21:00.000Z',
    duration_minutes: 12,
  } as const;
  return anomalyOf({ ...anomalyOf().peak, ...ended, ...changes });
}

/** The event that carries an anomaly, from window number `sequence`. */
export function eventOf(event: AnomalyEvent['event'], sequence: number, anomaly: Anomaly): AnomalyEvent {
  return { v: 1, event, sequence, anomaly };
}

/** The alert of an anomaly. */
export function alertFor(anomaly: Anomaly, previous: Alert | null = null): Alert {
  return alertOf(anomaly, previous, TEST_OPTIONS);
}
