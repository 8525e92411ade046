import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TOPIC } from '../../src/bus/bus-under-test.ts';
import type { KafkaBusOptions } from '../../src/bus/kafka/kafka-options.ts';
import { isGuardianError } from '../../src/errors.ts';
import { firstBatch } from './await-leader.ts';
import { createKafkaUnderTest } from './kafka-bus-under-test.ts';
import type { KafkaServer } from './kafka-server.ts';

type Tls = NonNullable<KafkaBusOptions['server']['tls']>;

/** What a broker with TLS, which asks for a certificate of the client, says to the right client and to others. */
export function kafkaTls(server: KafkaServer): void {
  const own = { cert: server.pem('client.crt'), key: server.pem('client.key') };
  const encrypted = (tls: Tls, requestMs: number): KafkaBusOptions['server'] => ({
    ...{ brokers: [server.tlsAddress], clientId: 'guardian-test', requestMs, tls },
  });

  describe('a broker with TLS', () => {
    for (const [fact, tls] of [
      ['lets a client in with its certificate, for every connection', { ca: server.pem('ca.pem'), ...own, rejectUnauthorized: true }],
      ['is believed without a look at its certificate where that is asked for', { ...own, rejectUnauthorized: false }],
    ] as const) {
      it(fact, async () => {
        const under = createKafkaUnderTest(server.address);
        try {
          const bus = await under.openWith({ server: encrypted(tls, 20_000) });
          const member = await bus.subscribe({ topic: TOPIC, group: 'worker', position: async () => 'earliest' });
          await bus.publish(TOPIC, [{ value: Buffer.from('a') }]);
          assert.equal((await firstBatch(member))?.records.length, 1);
        } finally {
          await under.release();
        }
      });
    }

    for (const [fact, tls] of [
      ['that another authority vouches for', { ca: server.pem('other.pem'), ...own, rejectUnauthorized: true }],
      ['that no authority of the system vouches for', { ...own, rejectUnauthorized: true }],
    ] as const) {
      it(`is not believed ${fact}, and the error names the setting`, async () => {
        const under = createKafkaUnderTest(server.address);
        const opening = under.openWith({ server: encrypted(tls, 5000) });
        await assert.rejects(opening, (error) => isGuardianError(error, 'BUS_UNAVAILABLE') && /bus\.kafka\.tls/.test(error.message));
      });
    }

    it('refuses a client without a certificate', async () => {
      const under = createKafkaUnderTest(server.address);
      const opening = under.openWith({ server: encrypted({ ca: server.pem('ca.pem'), rejectUnauthorized: true }, 5000) });
      await assert.rejects(opening, (error) => isGuardianError(error, 'BUS_UNAVAILABLE') && error.retryable);
    });
  });
}
