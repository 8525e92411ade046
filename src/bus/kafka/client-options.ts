import type { BaseOptions } from '@platformatic/kafka';
import type { KafkaServer } from './kafka-options.ts';

const CONNECT_MS = 5000;
const RETRY_MS = 250;
/** Another broker leads a partition for a moment: the client asks again this often. */
const RETRIES = 3;
const METADATA_MS = 30_000;

/** What every client of the library is made with. */
export function clientOptions(server: KafkaServer): BaseOptions {
  return {
    clientId: server.clientId,
    bootstrapBrokers: [...server.brokers],
    connectTimeout: Math.min(CONNECT_MS, server.requestMs),
    requestTimeout: server.requestMs,
    timeout: server.requestMs,
    retries: RETRIES,
    retryDelay: RETRY_MS,
    metadataMaxAge: METADATA_MS,
    ...(server.tls === undefined ? {} : { tls: tlsOptions(server.tls), tlsServerName: true }),
    ...(server.sasl === undefined ? {} : { sasl: { ...server.sasl } }),
  };
}

function tlsOptions({ ca, cert, key, rejectUnauthorized }: NonNullable<KafkaServer['tls']>): NonNullable<BaseOptions['tls']> {
  return {
    rejectUnauthorized,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
