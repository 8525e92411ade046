import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Clock } from '../../clock.ts';

/** How to come to the brokers, and as whom. */
export interface KafkaServer {
  /** `host:port` of some brokers; the others are found through them. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Encrypts the connections. `ca`, `cert`, `key`: PEM texts; without `ca` the certificates of the system count. */
  readonly tls?: {
    readonly ca?: string | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
    readonly rejectUnauthorized: boolean;
  };
  readonly sasl?: { readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'; readonly username: string; readonly password: string };
  /** Longest wait for one answer of a broker, milliseconds. */
  readonly requestMs: number;
}

export interface KafkaBusOptions {
  readonly server: KafkaServer;
  /** In front of the name of each topic and group. */
  readonly prefix: string;
  /** Partitions of topics that are made, by topic; 1 where nothing is said. */
  readonly partitions: Partial<Record<Topic, number>>;
  /** Copies of each partition in topics that are made; -1 is what the brokers say. */
  readonly replication: number;
  /** How long topics that are made keep their records, hours. */
  readonly retentionHours: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics?: Registry | undefined;
  /** Records that may wait for the brokers before BUS_FULL (default 200 000). */
  readonly maxPendingRecords?: number | undefined;
}
