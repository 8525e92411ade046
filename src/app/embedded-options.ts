import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { EmbeddedBusOptions } from '../bus/embedded/embedded.ts';
import type { Config } from '../config/config-schema.ts';
import type { DataDir } from './data-dir.ts';

/** What both threads open the log with. */
export function embeddedBusOptions(config: Config, dir: DataDir): Pick<EmbeddedBusOptions, 'dir' | 'partitions' | 'retention'> {
  return {
    dir: dir.bus,
    partitions: { [TOPICS.transactions]: config.bus.partitions },
    retention: {
      hours: config.bus.retention_hours,
      bytes: config.bus.retention_bytes,
      derivedBytes: config.bus.retention_derived_bytes,
    },
  };
}
