import assert from 'node:assert/strict';
import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Batch, Bus, BusRecord, OutRecord, Position, Subscription } from './bus.ts';
import { readAll } from './read-all.ts';

/** Records whose values count up from `from`; seven keys in turn. */
export function numbered(from: number, count: number): OutRecord[] {
  return Array.from({ length: count }, (_, index) => ({ key: `k${(from + index) % 7}`, value: Buffer.from(String(from + index)) }));
}

/** One record for each of 20 merchants, with the number of the round as its value. */
export function keyed(round: number): OutRecord[] {
  return Array.from({ length: 20 }, (_, index) => ({ key: `merchant-${index}`, value: Buffer.from(String(round)) }));
}

/** The positions of `count` records in a row. */
export function positions(partition: number, from: number, count: number): Position[] {
  return Array.from({ length: count }, (_, index) => ({ partition, offset: from + index }));
}

/** The value of a record as text. */
export function textOf(record: BusRecord | undefined): string {
  return Buffer.from(record?.value ?? []).toString();
}

/** Checks that the positions fill every partition from offset 0, without a hole. */
export function assertPlaced(placed: readonly Position[]): void {
  for (const [partition, group] of Map.groupBy(placed, (position) => position.partition)) {
    assert.deepEqual(
      group.map(({ offset }) => offset).sort((a, b) => a - b),
      group.map((_, index) => index),
      `partition ${partition}`,
    );
  }
}

/** Everything that a topic holds. */
export async function drain(bus: Bus, topic: Topic): Promise<BusRecord[]> {
  return collect(readAll(bus, topic));
}

/** The records of all batches. */
export async function collect(batches: AsyncIterable<Batch>): Promise<BusRecord[]> {
  const records: BusRecord[] = [];
  for await (const batch of batches) records.push(...batch.records);
  return records;
}

/** The next `count` values of a subscription; fails when fewer come. */
export async function take(subscription: Subscription, count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) {
    const batch = await subscription.next({ timeoutMs: 5000 });
    assert.ok(batch !== null, `only ${texts.length} of ${count} records came`);
    texts.push(...batch.records.map(textOf));
  }
  return texts;
}

/** Batches until nothing comes for 50 ms. */
export async function untilQuiet(subscription: Subscription): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (let batch = await subscription.next({ timeoutMs: 50 }); batch !== null; batch = await subscription.next({ timeoutMs: 50 }))
    batches.push(batch);
  return batches;
}
