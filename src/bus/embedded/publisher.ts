import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Clock } from '../../clock.ts';
import { GuardianError } from '../../errors.ts';
import type { OutRecord, Position } from '../bus.ts';
import { checkRecord } from '../check-record.ts';
import { recordBound } from './block.ts';
import { createLane, type Lane } from './lane.ts';
import type { BusMetrics } from '../metrics.ts';
import { createWaitingRoom } from '../waiting-room.ts';
import type { Writer } from './writer.ts';

export interface PublisherOptions {
  readonly writer: Writer;
  readonly clock: Clock;
  readonly metrics: BusMetrics;
  readonly partitions: Readonly<Record<Topic, number>>;
  readonly maxPendingRecords: number;
  /** True while the disk has no room for more of a topic. */
  readonly isFull: (topic: Topic) => boolean;
  /** Runs the function soon: publishes until then share a commit. */
  readonly defer: (work: () => void) => void;
}

/** The publishing side of the bus: checks records, limits what waits, and hands them to the lane of their topic. */
export interface Publisher {
  /** Throws BUS_FULL, BUS_RECORD_TOO_LARGE, BUS_UNAVAILABLE. */
  publish(topic: Topic, records: readonly OutRecord[]): Promise<readonly Position[]>;
  /** Resolves when everything was stored or refused. */
  drain(): Promise<void>;
}

/** Creates a publisher over `writer`. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { writer, clock, metrics, defer } = options;
  const lanes = new Map<Topic, Lane>();
  const room = createWaitingRoom('the disk', options.maxPendingRecords, metrics);

  function laneOf(topic: Topic): Lane {
    let lane = lanes.get(topic);
    if (lane === undefined) {
      lane = createLane({ topic, partitions: options.partitions[topic], writer, clock, metrics, defer, settled: room.leave });
      lanes.set(topic, lane);
    }
    return lane;
  }

  return {
    async publish(topic, records) {
      if (records.length === 0) return [];
      if (options.isFull(topic)) throw full(topic);
      const bytes = boundOf(topic, records);
      room.enter(records.length, bytes);
      return laneOf(topic).add(records, bytes);
    },
    async drain() {
      await Promise.all([...lanes.values()].map((lane) => lane.drain()));
    },
  };
}

function full(topic: Topic): GuardianError {
  const message = `${topic} is full of records that are not counted yet (bus.retention_bytes). Nothing was accepted: try again later.`;
  return new GuardianError('BUS_FULL', message, { retryable: true, data: { topic, uncounted: true } });
}

function boundOf(topic: Topic, records: readonly OutRecord[]): number {
  let total = 0;
  for (let index = 0; index < records.length; index += 1) {
    const record = records[index] as OutRecord;
    checkRecord(topic, record, index);
    total += recordBound(record);
  }
  return total;
}
