import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { BREAKER_STATES, type BreakerState } from '../alert/receiver-breaker.ts';

/** What the stage of Alertmanager counts. */
export interface AlertmanagerMetrics {
  /** One request with alerts and how it ended. `now`: epoch milliseconds. */
  sent(alertmanager: string, outcome: 'delivered' | 'refused' | 'retry', at: { readonly now: number; readonly seconds: number }): void;
  waiting(alertmanager: string, alerts: number): void;
  breaker(alertmanager: string, state: BreakerState): void;
}

/** Registers the metrics. */
export function createAlertmanagerMetrics(registry: Registry, names: readonly string[]): AlertmanagerMetrics {
  const common = { labelNames: ['alertmanager'] as const, registers: [registry] };
  const requests = new Counter({
    name: 'guardian_alertmanager_requests_total',
    help: 'Requests with alerts to Alertmanager, by outcome.',
    labelNames: ['alertmanager', 'outcome'],
    registers: [registry],
  });
  const duration = new Histogram({
    ...common,
    name: 'guardian_alertmanager_request_seconds',
    help: 'Response time of Alertmanager.',
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  const taken = new Gauge({
    ...common,
    name: 'guardian_alertmanager_last_taken_timestamp_seconds',
    help: 'When an Alertmanager last took alerts, seconds since 1970.',
  });
  const waiting = new Gauge({
    ...common,
    name: 'guardian_alertmanager_waiting_alerts',
    help: 'Alerts that an Alertmanager has not taken as they are now.',
  });
  const breakers = new Gauge({
    name: 'guardian_alertmanager_breaker',
    help: '1 for the state of the breaker of an Alertmanager: closed, half_open (one request is under way and decides) or open (none is sent).',
    labelNames: ['alertmanager', 'state'],
    registers: [registry],
  });
  for (const alertmanager of names) {
    waiting.set({ alertmanager }, 0);
    for (const outcome of ['delivered', 'refused', 'retry']) requests.inc({ alertmanager, outcome }, 0);
  }
  return {
    sent: (alertmanager, outcome, { now, seconds }) => {
      requests.inc({ alertmanager, outcome });
      duration.observe({ alertmanager }, seconds);
      if (outcome === 'delivered') taken.set({ alertmanager }, now / 1000);
    },
    breaker: (alertmanager, state) => {
      for (const one of BREAKER_STATES) breakers.set({ alertmanager, state: one }, one === state ? 1 : 0);
    },
    waiting: (alertmanager, alerts) => waiting.set({ alertmanager }, alerts),
  };
}
