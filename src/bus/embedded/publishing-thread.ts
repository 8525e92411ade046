import { workerData } from 'node:worker_threads';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { pino } from 'pino';
import { systemClock } from '../../clock.ts';
import { openEmbeddedBus } from './embedded.ts';

// A second publisher for tests: `count` records, one at a time, in a bus of its own on the same directory.
const { dir, count } = workerData as { dir: string; count: number };
const log = pino({ level: 'silent' });
const bus = await openEmbeddedBus({ dir, partitions: {}, retention: { hours: 1, bytes: 1e9 }, clock: systemClock, log, writer: 'inline' });
for (let index = 0; index < count; index += 1) {
  await bus.publish(TOPICS.transactions, [{ key: 'there', value: Buffer.from(String(index)) }]);
}
await bus.close();
