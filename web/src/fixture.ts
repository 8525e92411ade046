import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Silence } from '@transaction-guardian/contracts/silence.ts';
import type { Responding } from './page/respond/responding.ts';
import { NO_STATE } from '@transaction-guardian/contracts/no-state.ts';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import type { SeriesPoint, Stats } from '@transaction-guardian/contracts/stats.ts';

/** Three in the morning of a night shift, for tests. */
export const NOW = Date.parse('2026-11-22T03:00:00Z');
export const MINUTE_MS = 60_000;

export const at = (minutes: number): string => new Date(NOW + minutes * MINUTE_MS).toISOString();

export function aStats(fields: Partial<Stats> = {}): Stats {
  return {
    transactions_per_minute: 1247,
    approval_rate: 94.2,
    anomalies_last_hour: 0,
    active_alerts: 0,
    held_alerts: 0,
    open_incidents: 0,
    open_anomalies: 0,
    transactions_last_hour: 74_820,
    last_minute: at(-1),
    last_transaction_minute: at(-1),
    stream: 'live',
    stream_now: at(0),
    learning: false,
    lag_records: 0,
    lag_minutes: 0,
    judged: 'current',
    judged_until: at(0),
    minutes_behind: 0,
    by_status: {},
    last_incident_at: null,
    time_zone: 'America/Sao_Paulo',
    locale: 'pt-BR',
    ...fields,
  };
}

/** What is expected from NOW on, for an hour. */
export function aForecast(fields: Partial<Forecast> = {}): Forecast {
  const items = Array.from({ length: 60 }, (_, minute) => ({
    minute: at(minute),
    expected: 110,
    low80: 97 - minute / 10,
    high80: 123 + minute / 10,
    low99: 84 - minute / 5,
    high99: 137 + minute / 5,
    learning: false,
  }));
  return { node: 'fleet', from: at(0), step_minutes: 1, learning: false, items, drifts: [], detector_version: '2', ...fields };
}

export function aPoint(minutes: number, fields: Partial<SeriesPoint> = {}): SeriesPoint {
  return {
    minute: at(minutes),
    state: 'observed',
    total: 106,
    by_status: { approved: 100, denied: 6 },
    expected: 110,
    expected_low: 90,
    expected_high: 130,
    ml_score: 0.2,
    z_score: -0.3,
    ...fields,
  };
}

export function anAnomaly(id: string, fields: Partial<AnomalyView> = {}): AnomalyView {
  return {
    id,
    type: 'denials_above_normal',
    status: 'open',
    severity: 'critical',
    node: { kind: 'status', status: 'denied' },
    slice: { status: 'denied', auth_code: '51', share: 0.97 },
    started_at: at(-7),
    detected_at: at(-6),
    updated_at: at(-1),
    resolved_at: null,
    duration_minutes: 7,
    minute: at(-1),
    observed: 34,
    expected: 6.1,
    expected_low: 2,
    expected_high: 13,
    z_score: 10.4,
    ml_score: 0.96,
    p_value: 1.3e-25,
    peak: {
      minute: at(-4),
      observed: 38,
      expected: 6.1,
      expected_low: 0,
      expected_high: 12.2,
      z_score: 11.2,
      ml_score: 0.97,
      p_value: 1e-9,
    },
    lost_transactions: 268,
    reasons: [],
    reason: 'Negadas 34/min contra 6,1 esperadas.',
    severity_text: '',
    action: 'Ver o código de resposta que mais cresceu.',
    detector_version: '2.0.0',
    model_version: 'forest-1',
    config_hash: 'test',
    backfill: false,
    ...fields,
  };
}

export function anAlert(anomaly: AnomalyView, fields: Partial<AlertView> = {}): AlertView {
  return {
    fingerprint: `fp-${anomaly.id}`,
    status: 'firing',
    name: 'GuardianDenialsAboveNormal',
    type: anomaly.type,
    severity: anomaly.severity,
    summary: 'Negadas acima do normal',
    description: '',
    action: 'Verifique o emissor.',
    runbook: null,
    slice: { status: 'denied', auth_code: '51' },
    labels: {},
    annotations: {},
    starts_at: anomaly.started_at,
    ends_at: null,
    updated_at: anomaly.updated_at,
    anomaly_id: anomaly.id,
    backfill: false,
    ...NO_STATE,
    ...fields,
  };
}

/** Actions on alerts that do nothing. */
export const aResponding = (fields: Partial<Responding> = {}): Responding => ({
  busy: null,
  failure: null,
  acknowledge: () => undefined,
  unacknowledge: () => undefined,
  snooze: () => undefined,
  unsnooze: () => undefined,
  silence: async () => true,
  ...fields,
});

/** A silence of a merchant, 00:00 to 02:00 in São Paulo, that hides one alert. */
export const aSilence = (fields: Partial<Silence> = {}): Silence => ({
  id: 'si_1',
  status: 'active',
  matchers: ['merchant_id="m-1"'],
  max_severity: 'warning',
  starts_at: '2026-11-22T03:00:00.000Z',
  ends_at: '2026-11-22T05:00:00.000Z',
  reason: 'troca de adquirente',
  created_by: { id: 'ana', name: 'Ana' },
  created_at: '2026-11-22T03:00:00.000Z',
  updated_at: '2026-11-22T03:00:00.000Z',
  ended_by: null,
  maintenance_id: null,
  hidden: [
    {
      ...{ fingerprint: 'f1', name: 'GuardianLowVolume', severity: 'warning', labels: { merchant_id: 'm-1' } },
      ...{ starts_at: '2026-11-22T03:10:00.000Z', hidden_at: '2026-11-22T03:10:01.000Z', is_firing: true },
    },
  ],
  hidden_count: 1,
  ...fields,
});
