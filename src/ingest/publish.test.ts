import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createTransactionPublisher } from './publish.ts';

const RECORDS = [{ value: new Uint8Array(1) }];
const OPTIONS = { maxPendingRecords: 10, publishTimeoutMs: 1000 };

test('what is stored while this thread did not run is confirmed, though its time was over', async () => {
  const publisher = createTransactionPublisher(
    {
      async publish() {
        await turn();
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
        // What the disk has to say comes in later turns.
        for (let turns = 0; turns < 5; turns += 1) await turn();
      },
    },
    OPTIONS,
  );
  await publisher.publish(RECORDS);
});

test('a log that does not answer is not waited for for ever', async () => {
  const publisher = createTransactionPublisher({ publish: () => new Promise(() => undefined) }, OPTIONS);
  await assert.rejects(publisher.publish(RECORDS), { code: 'BUS_UNAVAILABLE', retryable: true });
});
