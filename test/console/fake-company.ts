import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import type { MerchantRow, SeriesPoint, Stats } from '@transaction-guardian/contracts/stats.ts';
import { anAlert, anAnomaly, MINUTE_MS } from '../../web/src/fixture.ts';

/** A number in 0..1 that depends on the minute only, so that every run draws the same picture. */
function noise(minute: number, salt: number): number {
  const wave = Math.sin(minute * 12.9898 + salt * 78.233) * 43_758.5453;
  return wave - Math.floor(wave);
}

export interface MinuteOptions {
  readonly kind?: 'normal' | 'denials' | 'silent';
  /** Without a band, as before the detector has learnt. */
  readonly learning?: boolean;
}

/** One minute of a company with about 120 approved and 6 denied transactions a minute. `at`: epoch milliseconds. */
export function makePoint(at: number, { kind = 'normal', learning = false }: MinuteOptions = {}): SeriesPoint {
  const index = Math.round(at / MINUTE_MS);
  const level = 118 + 14 * Math.sin(index / 45);
  const isIncident = kind === 'denials';
  const byStatus: Record<string, number> =
    kind === 'silent'
      ? {}
      : {
          approved: Math.round((level + 24 * (noise(index, 1) - 0.5)) * (isIncident ? 0.68 : 1)),
          denied: Math.round(isIncident ? 31 + 8 * noise(index, 2) : 3 + 7 * noise(index, 2)),
          failed: noise(index, 3) > 0.94 ? 1 : 0,
          reversed: Math.round(2 * noise(index, 4)),
          refunded: Math.round(2 * noise(index, 5)),
        };
  const band = learning ? null : { expected: level + 8, expected_low: level - 18, expected_high: level + 36 };
  return {
    minute: new Date(at).toISOString(),
    state: kind === 'silent' ? 'silent' : 'observed',
    total: Object.values(byStatus).reduce((sum, count) => sum + count, 0),
    by_status: byStatus,
    expected: band?.expected ?? null,
    expected_low: band?.expected_low ?? null,
    expected_high: band?.expected_high ?? null,
    ml_score: learning ? null : isIncident ? 0.94 : 0.21,
    z_score: learning ? null : isIncident ? -4.1 : 0.3,
  };
}

/** What the company expects of the hour from `from` on, epoch milliseconds. */
export function makeForecast(from: number): Forecast {
  const items = Array.from({ length: 60 }, (_, ahead) => {
    const time = from + ahead * MINUTE_MS;
    const expected = 126 + 14 * Math.sin(time / MINUTE_MS / 45);
    const [inner, outer] = [15 + ahead / 4, 30 + ahead / 2];
    return {
      minute: new Date(time).toISOString(),
      expected,
      low80: Math.round(expected - inner),
      high80: Math.round(expected + inner),
      low99: Math.round(expected - outer),
      high99: Math.round(expected + outer),
      learning: false,
    };
  });
  return { node: 'fleet', from: new Date(from).toISOString(), step_minutes: 1, learning: false, items, drifts: [], detector_version: '2' };
}

/** An anomaly of denials; the fields given win. `startedAt`: epoch milliseconds. */
export function makeAnomaly(id: string, startedAt: number, fields: Partial<AnomalyView> = {}): AnomalyView {
  const after = (minutes: number): string => new Date(startedAt + minutes * MINUTE_MS).toISOString();
  return anAnomaly(id, {
    started_at: after(0),
    detected_at: after(1),
    updated_at: after(7),
    peak: {
      minute: after(3),
      observed: 38,
      expected: 6.1,
      expected_low: 0,
      expected_high: 12.2,
      z_score: 11.2,
      ml_score: 0.97,
      p_value: 1e-9,
    },
    reason: 'Negadas 34/min contra 6,1 esperadas (z +10,4), quase todas com código 51; aprovadas 32% abaixo do esperado.',
    action: 'Ver o código de resposta que mais cresceu.',
    ...fields,
  });
}

/** The alert of an anomaly. */
export function makeAlert(anomaly: AnomalyView): AlertView {
  return anAlert(anomaly, {
    status: anomaly.status === 'open' ? 'firing' : 'resolved',
    summary: 'Negadas acima do normal: 34/min contra 6,1',
    description: anomaly.reason,
    action: 'Verifique o emissor: quase todas as negativas têm o código 51. Fale com o adquirente antes de reprocessar.',
    runbook: 'denials-above-normal',
    ends_at: anomaly.resolved_at,
  });
}

/** Stats of the last hour of points. `now`: epoch milliseconds. */
export function makeStats(
  points: readonly SeriesPoint[],
  anomalies: readonly AnomalyView[],
  now: number,
  stream: Stats['stream'] = 'live',
): Stats {
  const hour = points.slice(-60);
  const total = hour.reduce((sum, point) => sum + point.total, 0);
  const approved = hour.reduce((sum, point) => sum + (point.by_status['approved'] ?? 0), 0);
  const open = anomalies.filter((anomaly) => anomaly.status === 'open').length;
  return {
    transactions_per_minute: points.slice(-5).reduce((sum, point) => sum + point.total, 0) / 5,
    approval_rate: total === 0 ? null : (100 * approved) / total,
    anomalies_last_hour: anomalies.filter((anomaly) => Date.parse(anomaly.started_at) > now - 60 * MINUTE_MS).length,
    active_alerts: open,
    held_alerts: 0,
    open_incidents: 0,
    open_anomalies: open,
    transactions_last_hour: total,
    last_minute: points.at(-1)?.minute ?? null,
    last_transaction_minute: points.at(-1)?.minute ?? null,
    stream: points.length === 0 ? 'empty' : stream,
    stream_now: points.length === 0 ? null : new Date(now).toISOString(),
    learning: points.length > 0 && points.at(-1)?.expected === null,
    lag_records: 0,
    lag_minutes: 0,
    judged: points.length === 0 ? 'nothing' : 'current',
    judged_until: points.length === 0 ? null : new Date(now).toISOString(),
    minutes_behind: 0,
    by_status: {},
    last_incident_at: anomalies[0]?.started_at ?? null,
    time_zone: 'America/Sao_Paulo',
    locale: 'pt-BR',
  };
}

/** Merchants, the first of which are in trouble. */
export function makeMerchants(): MerchantRow[] {
  const names = [
    'm-padaria-07',
    'm-0042',
    'm-farmacia-12',
    'm-0107',
    'm-0003',
    'm-0215',
    'm-0088',
    'm-livraria-2',
    'm-0019',
    'm-0301',
    'm-0077',
    'm-0150',
    'm-0012',
    'm-0064',
    'm-0099',
  ];
  return names.map((merchant_id, index) => ({
    merchant_id,
    transactions: [412, 1890, 77, 640, 2210, 320, 150, 98, 45, 870, 512, 33, 290, 410, 61][index] ?? 10,
    approval_rate: index === 0 ? 41.2 : index === 1 ? 78.5 : 95.1 - (index % 5) / 2,
    failed: index === 0 ? 190 : index % 3,
    denied: index === 1 ? 370 : 4 + index,
    reversed: index % 4,
    open_anomalies: index < 2 ? 1 : 0,
    worst_type: index === 0 ? 'failures_above_normal' : index === 1 ? 'denials_above_normal' : null,
    worst_severity: index === 0 ? 'critical' : index === 1 ? 'warning' : null,
    trouble: index === 0 ? 8 : index === 1 ? 3 : 0,
  }));
}
