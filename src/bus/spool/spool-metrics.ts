import { Counter, Gauge, type Registry } from 'prom-client';
import type { SpoolState } from '../bus.ts';

/** What the spool counts. */
export interface SpoolMetrics {
  spooled(records: number): void;
  drained(records: number): void;
  refused(records: number): void;
  damaged(bytes: number): void;
}

/** Registers the metrics of a spool. `state` and `now` (epoch milliseconds) are asked when they are read. */
export function createSpoolMetrics(registry: Registry, state: () => SpoolState, now: () => number): SpoolMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(read()) });
  };
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  gauge('guardian_spool_bytes', 'Accepted records on the disk of the API that the log does not have yet.', () => state().bytes);
  gauge('guardian_spool_records', 'The same, in records.', () => state().records);
  gauge('guardian_spool_max_bytes', 'What may be spooled at most.', () => state().maxBytes);
  gauge(
    'guardian_spool_oldest_seconds',
    'Age of the oldest spooled record; 0 while the spool is empty.',
    () => Math.max(0, now() - (state().oldestAt ?? now())) / 1000,
  );
  const spooled = counter('guardian_spool_spooled_records_total', 'Records spooled because the log did not take them.');
  const drained = counter('guardian_spool_drained_records_total', 'Spooled records that the log has taken.');
  const refused = counter(
    'guardian_spool_refused_records_total',
    'Records refused: the log is away, and the spool is full or cannot be written.',
  );
  const damaged = counter('guardian_spool_damaged_bytes_total', 'Bytes of spool files that could not be read; the files are kept.');
  return {
    spooled: (records) => spooled.inc(records),
    drained: (records) => drained.inc(records),
    refused: (records) => refused.inc(records),
    damaged: (bytes) => damaged.inc(bytes),
  };
}
