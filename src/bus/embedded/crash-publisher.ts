import { writeSync } from 'node:fs';
import { argv } from 'node:process';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { pino } from 'pino';
import { systemClock } from '../../clock.ts';
import { openEmbeddedBus } from './embedded.ts';

// The child of the crash test: publishes growing numbers until it is killed, and writes "first count ." for every publish
// that was acknowledged. Arguments: directory, writer, round.
const MAX_IN_FLIGHT = 6;
const ROUND_NUMBERS = 1_000_000;
const [dir = '', writer, round = '0'] = argv.slice(2);

const bus = await openEmbeddedBus({
  dir,
  partitions: { [TOPICS.transactions]: 2 },
  retention: { hours: 1, bytes: 1e9 },
  clock: systemClock,
  log: pino({ level: 'silent' }),
  writer: writer === 'inline' ? 'inline' : 'thread',
});

async function publish(first: number, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, index) => ({
    key: `k${(first + index) % 5}`,
    value: Buffer.from(String(first + index)),
  }));
  await bus.publish(TOPICS.transactions, records);
  // Straight to the pipe: nothing acknowledged may sit in a buffer of the process that dies.
  writeSync(1, `${first} ${count} .\n`);
}

const inFlight = new Set<Promise<void>>();
let next = Number(round) * ROUND_NUMBERS;
for (;;) {
  const count = 1 + ((next * 7919) % 40);
  const published = publish(next, count).finally(() => inFlight.delete(published));
  inFlight.add(published);
  next += count;
  if (inFlight.size >= MAX_IN_FLIGHT) await Promise.race(inFlight);
}
