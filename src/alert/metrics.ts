import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { BREAKER_STATES, type BreakerState } from './receiver-breaker.ts';
import { SEVERITIES, type AnomalyType, type Severity } from '@transaction-guardian/contracts/anomaly-type.ts';

/** What the alert stage counts. */
export interface AlertMetrics {
  alertOpened(type: AnomalyType, severity: Severity): void;
  openAlerts(counts: Readonly<Record<Severity, number>>): void;
  /** One send to a receiver and how it ended. */
  sent(receiver: string, outcome: 'delivered' | 'refused' | 'retry', seconds: number): void;
  breaker(receiver: string, state: BreakerState): void;
}

/** Registers the metrics of the alert stage. */
export function createAlertMetrics(registry: Registry): AlertMetrics {
  const registers = [registry];
  const alerts = new Counter({
    name: 'guardian_alerts_total',
    help: 'Alerts opened, without backfill.',
    labelNames: ['type', 'severity'],
    registers,
  });
  const open = new Gauge({ name: 'guardian_open_alerts', help: 'Alerts that are firing.', labelNames: ['severity'], registers });
  const notifications = new Counter({
    name: 'guardian_notifications_total',
    help: 'Notification attempts, by outcome.',
    labelNames: ['receiver', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'guardian_notification_seconds',
    help: 'Response time of receivers.',
    labelNames: ['receiver'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const breakers = new Gauge({
    name: 'guardian_receiver_breaker',
    help: '1 for the state of the breaker of a receiver: closed, half_open (one send is under way and decides) or open (none is sent).',
    labelNames: ['receiver', 'state'],
    registers,
  });
  for (const severity of SEVERITIES) open.set({ severity }, 0);
  return {
    alertOpened: (type, severity) => alerts.inc({ type, severity }),
    openAlerts: (counts) => {
      for (const severity of SEVERITIES) open.set({ severity }, counts[severity]);
    },
    breaker: (receiver, state) => {
      for (const one of BREAKER_STATES) breakers.set({ receiver, state: one }, one === state ? 1 : 0);
    },
    sent: (receiver, outcome, duration) => {
      notifications.inc({ receiver, outcome });
      seconds.observe({ receiver }, duration);
    },
  };
}
