import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isGuardianError } from '../../src/errors.ts';
import type { KafkaBusOptions } from '../../src/bus/kafka/kafka-options.ts';
import { TOPIC } from '../../src/bus/bus-under-test.ts';
import { firstBatch } from './await-leader.ts';
import { createKafkaUnderTest } from './kafka-bus-under-test.ts';
import type { KafkaServer } from './kafka-server.ts';

/** What a broker with SASL says to the right user and to others. */
export function kafkaSasl(server: KafkaServer): void {
  const signedIn = (sasl?: KafkaBusOptions['server']['sasl']): KafkaBusOptions['server'] => ({
    ...{ brokers: [server.saslAddress], clientId: 'guardian-test', requestMs: 20_000 },
    ...(sasl === undefined ? {} : { sasl }),
  });

  describe('a broker with SASL', () => {
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
      it(`lets the user in with ${mechanism}, for every connection`, async () => {
        const under = createKafkaUnderTest(server.address);
        try {
          const bus = await under.openWith({ server: signedIn({ mechanism, username: 'guardian', password: 's3cret' }) });
          const member = await bus.subscribe({ topic: TOPIC, group: 'worker', position: async () => 'earliest' });
          await bus.publish(TOPIC, [{ value: Buffer.from('a') }]);
          assert.equal((await firstBatch(member))?.records.length, 1);
        } finally {
          await under.release();
        }
      });
    }

    it('refuses a wrong password and a client without a user, and the error names the setting', async () => {
      const under = createKafkaUnderTest(server.address);
      const wrong = under.openWith({ server: signedIn({ mechanism: 'SCRAM-SHA-512', username: 'guardian', password: 'other' }) });
      await assert.rejects(wrong, (error) => isGuardianError(error, 'BUS_UNAVAILABLE') && /bus\.kafka\.sasl/.test(error.message));
      await assert.rejects(wrong, (error) => error instanceof Error && !error.message.includes('other'));
      const nobody = under.openWith({ server: { ...signedIn(), requestMs: 3000 } });
      await assert.rejects(nobody, (error) => isGuardianError(error, 'BUS_UNAVAILABLE') && error.retryable);
    });
  });
}
