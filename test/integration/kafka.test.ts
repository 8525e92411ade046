import { after, describe } from 'node:test';
import { busConformance } from '../../src/bus/bus.conformance.ts';
import { createKafkaUnderTest } from './kafka-bus-under-test.ts';
import { kafkaGroups } from './kafka-groups.ts';
import { kafkaMove } from './kafka-move.ts';
import { kafkaProduct } from './kafka-product.ts';
import { kafkaSasl } from './kafka-sasl.ts';
import { kafkaTls } from './kafka-tls.ts';
import { kafkaWay } from './kafka-way.ts';
import { startKafka } from './kafka-server.ts';

const { server, missing } = await startKafka();

describe('the log on Kafka', { timeout: 900_000, skip: server === null && missing }, () => {
  if (server === null) return;
  after(() => server.stop());
  busConformance('kafka', async () => createKafkaUnderTest(server.address));
  kafkaGroups(server);
  kafkaSasl(server);
  kafkaTls(server);
  kafkaWay(server);
  kafkaProduct(server);
  kafkaMove(server);
});
