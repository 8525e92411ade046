import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { BusUnderTest, ManualClock } from '../../src/bus/bus-under-test.ts';
import { openKafkaBus, type KafkaBus } from '../../src/bus/kafka/kafka.ts';
import type { KafkaBusOptions } from '../../src/bus/kafka/kafka-options.ts';

/** Buses on a broker, each test with topics of its own. */
export interface KafkaUnderTest extends BusUnderTest {
  readonly prefix: string;
  /** Another bus on the same topics. */
  openWith(options: Partial<KafkaBusOptions>): Promise<KafkaBus>;
}

/** Makes a prefix for topics and opens buses below it with small limits. */
export function createKafkaUnderTest(address: string): KafkaUnderTest {
  const prefix = `${randomUUID().slice(0, 8)}.`;
  const clock = createManualClock();
  const maxPendingRecords = 70_000;
  const buses: KafkaBus[] = [];
  let partitions: KafkaBusOptions['partitions'] = {};

  async function openWith(options: Partial<KafkaBusOptions>): Promise<KafkaBus> {
    const bus = await openKafkaBus({
      server: { brokers: [address], clientId: 'guardian-test', requestMs: 20_000 },
      ...{ prefix, partitions, replication: 1, retentionHours: 1_000_000, maxPendingRecords, clock },
      log: pino({ level: 'silent' }),
      ...options,
    });
    buses.push(bus);
    return bus;
  }

  return {
    prefix,
    clock,
    maxPendingRecords,
    openWith,
    open(wanted) {
      partitions = wanted;
      return openWith({});
    },
    reopen: () => openWith({}),
    async release() {
      for (const bus of buses) await bus.close();
    },
  };
}

function createManualClock(): ManualClock {
  let nowMs = 1_700_000_000_000;
  return {
    now: () => nowMs,
    monotonic: () => performance.now(),
    set(timeMs) {
      nowMs = timeMs;
    },
  };
}
