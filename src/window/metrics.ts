import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Closed } from './close.ts';
import type { Counted } from './count-batch.ts';

export interface WindowMetrics {
  /** Notes a committed batch. */
  counted(counted: Counted, seconds: number): void;
  /** Notes a committed run of the closer. */
  closed(closed: Closed): void;
}

export interface WindowReadings {
  readonly group: string;
  /** Accepted records that are not counted yet; undefined when the bus does not answer. */
  readonly lag: () => Promise<number | undefined>;
  /** Epoch milliseconds; null while unknown. */
  readonly watermark: () => number | null;
}

/** Registers the metrics of the window stage. Gauges are read when somebody asks. */
export function createWindowMetrics(registry: Registry, readings: WindowReadings): WindowMetrics {
  const registers = [registry];
  const transactions = new Counter({
    name: 'guardian_transactions_counted_total',
    help: 'Transactions counted, by status.',
    labelNames: ['status'],
    registers,
  });
  const duplicates = new Counter({
    name: 'guardian_duplicates_total',
    help: 'Duplicate records dropped by id.',
    registers,
  });
  const late = new Counter({ name: 'guardian_late_records_total', help: 'Records received after their minute had closed.', registers });
  const closed = new Counter({
    name: 'guardian_windows_closed_total',
    help: 'Minutes closed, by state.',
    labelNames: ['state'],
    registers,
  });
  const dead = new Counter({ name: 'guardian_window_dead_letters_total', help: 'Records sent to the dead-letter topic.', registers });
  const seconds = new Histogram({
    name: 'guardian_store_transaction_seconds',
    help: 'Duration of the database transaction of a batch.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  registerReadings(registers, readings);
  return {
    counted(counted, length) {
      for (const [status, count] of counted.byStatus) transactions.inc({ status }, count);
      duplicates.inc(counted.duplicates);
      dead.inc(counted.deadLetters);
      seconds.observe(length);
    },
    closed(of) {
      for (const state of of.closed) closed.inc({ state });
      late.inc(of.lateRecords);
    },
  };
}

function registerReadings(registers: Registry[], readings: WindowReadings): void {
  const lag: Gauge<'group'> = new Gauge({
    name: 'guardian_consumer_lag_records',
    help: 'Consumer lag: records of the topic not processed by the group.',
    labelNames: ['group'],
    registers,
    async collect() {
      const records = await readings.lag();
      if (records !== undefined) lag.set({ group: readings.group }, records);
    },
  });
  const watermark: Gauge = new Gauge({
    name: 'guardian_watermark_seconds',
    help: 'Event time up to which minutes are closed, epoch seconds.',
    registers,
    collect() {
      const ms = readings.watermark();
      if (ms !== null) watermark.set(ms / 1000);
    },
  });
}
