import { writeSync } from 'node:fs';
import { argv } from 'node:process';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { systemClock } from '../../clock.ts';
import { openSpool } from './spool.ts';

// The child of the crash test: spools growing numbers until it is killed, and writes "number ." for each that was answered. Arguments:
// directory, first number.
const AT_ONCE = 8;
const [dir = '', first = '0'] = argv.slice(2);

const spool = await openSpool({
  ...{ dir, maxBytes: 1e9, fileBytes: 20_000, clock: systemClock },
  ...{ log: pino({ level: 'silent' }), metrics: new Registry() },
});
for (let next = Number(first); ; next += AT_ONCE) {
  const numbers = Array.from({ length: AT_ONCE }, (_, index) => next + index);
  await Promise.all(
    numbers.map(async (number) => {
      await spool.append(TOPICS.transactions, [{ key: 'm-1', value: Buffer.from(String(number)) }]);
      // Straight to the pipe: no answer may sit in a buffer of the process that dies.
      writeSync(1, `${number} .\n`);
    }),
  );
}
