import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Clock } from '../../clock.ts';
import type { OutRecord, Position } from '../bus.ts';
import { appendRecord, BLOCK_BYTES, BLOCK_RECORDS, openBlock, type OpenBlock } from './block.ts';
import type { BusMetrics } from '../metrics.ts';
import { partitionOf } from './partitioner.ts';
import type { PackedBlock, Writer } from './writer.ts';

// A large group goes out while another is being committed: the writer compresses it as soon as that one ends. Small ones wait for
// it and share a commit: with two on their way each publish would wait for three commits, not for two.
const GROUPS_IN_FLIGHT = 2;
const LARGE_GROUP_BYTES = 131_072;

export interface LaneOptions {
  readonly topic: Topic;
  readonly partitions: number;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly metrics: BusMetrics;
  /** Runs the function soon: publishes until then share a commit. */
  readonly defer: (work: () => void) => void;
  /** Called when records were stored or refused. */
  readonly settled: (records: number, bytes: number) => void;
}

/** The way of one topic's records to the writer: publishes gather into blocks while earlier ones are being committed. */
export interface Lane {
  /** Packs the records; resolves with their positions after the commit. `boundBytes`: upper bound of their size. */
  add(records: readonly OutRecord[], boundBytes: number): Promise<readonly Position[]>;
  /** Resolves when nothing waits. */
  drain(): Promise<void>;
}

interface Publish {
  readonly count: number;
  /** Partition of each record; undefined when there is only one. */
  readonly route: readonly number[] | undefined;
  /** Records of the group before this publish, by partition. */
  readonly before: readonly number[];
  readonly boundBytes: number;
  readonly startedAt: number;
  readonly resolve: (positions: readonly Position[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What one commit will hold. */
interface Group {
  readonly full: PackedBlock[];
  readonly open: (OpenBlock | undefined)[];
  readonly counts: number[];
  readonly publishes: Publish[];
  boundBytes: number;
}

/** Creates the lane of a topic. */
export function createLane(options: LaneOptions): Lane {
  const { topic, partitions, writer, clock, metrics } = options;
  let group = emptyGroup(partitions);
  let inFlight = 0;
  let isDeferred = false;
  let keyless = 0;
  const drained: (() => void)[] = [];

  function route(records: readonly OutRecord[]): number[] | undefined {
    if (partitions === 1) return undefined;
    const spread = keyless++ % partitions;
    return records.map(({ key }) => (key === undefined || key === '' ? spread : partitionOf(key, partitions)));
  }

  function flushSoon(): void {
    if (isDeferred || !mayFlush()) return;
    isDeferred = true;
    options.defer(() => {
      isDeferred = false;
      // A commit that ended has taken it along, or another was begun.
      if (mayFlush()) flush();
    });
  }

  function mayFlush(): boolean {
    if (group.publishes.length === 0) return false;
    return inFlight === 0 || (inFlight < GROUPS_IN_FLIGHT && group.boundBytes >= LARGE_GROUP_BYTES);
  }

  function flush(): void {
    const sent = group;
    group = emptyGroup(partitions);
    inFlight += 1;
    sent.open.forEach((block, partition) => closeBlock(sent, partition, block));
    void commit(sent);
  }

  async function commit(sent: Group): Promise<void> {
    try {
      const offsets = await writer.append({ topic, publishedAt: clock.now(), blocks: sent.full });
      settle(
        sent,
        (publish, bases) => {
          metrics.published(topic, publish.count, (clock.monotonic() - publish.startedAt) / 1000);
          publish.resolve(positionsOf(publish, bases));
        },
        basesOf(sent, offsets),
      );
    } catch (error) {
      settle(
        sent,
        (publish) => {
          metrics.publishFailed(topic);
          publish.reject(error);
        },
        [],
      );
    }
  }

  function settle(sent: Group, finish: (publish: Publish, bases: readonly number[]) => void, bases: readonly number[]): void {
    inFlight -= 1;
    // First: the writer has nothing to do while whoever waited for this group is served.
    if (mayFlush()) flush();
    for (const publish of sent.publishes) {
      options.settled(publish.count, publish.boundBytes);
      finish(publish, bases);
    }
    if (inFlight === 0 && group.publishes.length === 0) for (const resolve of drained.splice(0)) resolve();
  }

  return {
    add(records, boundBytes) {
      const routed = route(records);
      const before = [...group.counts];
      pack(group, records, routed, boundBytes);
      group.boundBytes += boundBytes;
      return new Promise((resolve, reject) => {
        group.publishes.push({ count: records.length, route: routed, before, boundBytes, startedAt: clock.monotonic(), resolve, reject });
        flushSoon();
      });
    },
    async drain() {
      if (inFlight === 0 && group.publishes.length === 0) return;
      await new Promise<void>((resolve) => drained.push(resolve));
    },
  };
}

function emptyGroup(partitions: number): Group {
  return { full: [], open: [], counts: new Array<number>(partitions).fill(0), publishes: [], boundBytes: 0 };
}

function pack(group: Group, records: readonly OutRecord[], route: readonly number[] | undefined, boundBytes: number): void {
  for (let index = 0; index < records.length; index += 1) {
    const record = records[index] as OutRecord;
    const partition = route === undefined ? 0 : (route[index] as number);
    let block = group.open[partition];
    if (block !== undefined && (block.count >= BLOCK_RECORDS || block.used >= BLOCK_BYTES)) {
      closeBlock(group, partition, block);
      block = undefined;
    }
    if (block === undefined) {
      block = openBlock(Math.min(boundBytes, BLOCK_BYTES));
      group.open[partition] = block;
    }
    appendRecord(block, record);
    group.counts[partition] = (group.counts[partition] ?? 0) + 1;
  }
}

function closeBlock(group: Group, partition: number, block: OpenBlock | undefined): void {
  if (block === undefined) return;
  group.full.push({ partition, count: block.count, bytes: block.bytes.subarray(0, block.used) });
  group.open[partition] = undefined;
}

/** First offset of the group in each partition: a commit gives a partition's blocks offsets without a hole. */
function basesOf(group: Group, offsets: readonly number[]): number[] {
  const bases: number[] = [];
  group.full.forEach((block, index) => {
    bases[block.partition] ??= offsets[index] as number;
  });
  return bases;
}

function positionsOf(publish: Publish, bases: readonly number[]): Position[] {
  const next = bases.map((base, partition) => base + (publish.before[partition] ?? 0));
  const positions = new Array<Position>(publish.count);
  for (let index = 0; index < publish.count; index += 1) {
    const partition = publish.route === undefined ? 0 : (publish.route[index] as number);
    const offset = next[partition] as number;
    next[partition] = offset + 1;
    positions[index] = { partition, offset };
  }
  return positions;
}
