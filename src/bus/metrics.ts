import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Why records of the log could not be delivered. */
export type SkipReason = 'corrupt' | 'retention';

/** What the bus counts. */
export interface BusMetrics {
  published(topic: Topic, records: number, seconds: number): void;
  publishFailed(topic: Topic): void;
  pending(records: number): void;
  skipped(topic: Topic, reason: SkipReason, records: number): void;
  size(bytes: number): void;
}

const NO_METRICS: BusMetrics = { published() {}, publishFailed() {}, pending() {}, skipped() {}, size() {} };

/** Registers the metrics of the bus in `registry`, or finds them there; without a registry nothing is counted. */
export function createBusMetrics(registry: Registry | undefined): BusMetrics {
  if (registry === undefined) return NO_METRICS;
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    (registry.getSingleMetric(name) as Counter<L> | undefined) ?? new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string) =>
    (registry.getSingleMetric(name) as Gauge | undefined) ?? new Gauge({ name, help, registers });
  const seconds =
    (registry.getSingleMetric('guardian_bus_publish_seconds') as Histogram<'topic'> | undefined) ??
    new Histogram({
      name: 'guardian_bus_publish_seconds',
      help: 'Time from publish to commit.',
      labelNames: ['topic'],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    });
  const records = counter('guardian_bus_published_records_total', 'Records committed to the log.', ['topic']);
  const failures = counter('guardian_bus_publish_failures_total', 'Publishes that the disk refused.', ['topic']);
  const skips = counter('guardian_bus_skipped_records_total', 'Records that could not be delivered.', ['topic', 'reason']);
  const waiting = gauge('guardian_bus_pending_records', 'Records waiting for the disk.');
  const size = gauge('guardian_bus_size_bytes', 'Records kept in the log, all topics.');
  return {
    published(topic, count, elapsed) {
      records.inc({ topic }, count);
      seconds.observe({ topic }, elapsed);
    },
    publishFailed: (topic) => failures.inc({ topic }),
    pending: (count) => waiting.set(count),
    skipped: (topic, reason, count) => skips.inc({ topic, reason }, count),
    size: (bytes) => size.set(bytes),
  };
}
