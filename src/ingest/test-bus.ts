import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Bus, OutRecord, Position } from '../bus/bus.ts';
import { GuardianError } from '../errors.ts';
import { NO_HEADERS, type RecordHeaders } from '../topic/record-headers.ts';

/** A bus for tests: keeps what is published, fails or waits on request. */
export interface RecordingBus extends Bus {
  /** Everything published, in order, decoded. */
  readonly records: InboundRecord[];
  /** The headers of each. */
  readonly headers: RecordHeaders[];
  /** Number of records of each publish call. */
  readonly groups: number[];
  /** Called before each publish; a rejection fails it. */
  before: () => Promise<void>;
}

/** Makes an empty recording bus. */
export function createRecordingBus(): RecordingBus {
  const unsupported = async (): Promise<never> => {
    throw new GuardianError('BUS_CLOSED', 'The recording bus can only be published to.');
  };
  const bus: RecordingBus = {
    records: [],
    headers: [],
    groups: [],
    before: async () => undefined,
    async publish(_topic: Topic, records: readonly OutRecord[]): Promise<readonly Position[]> {
      await bus.before();
      bus.groups.push(records.length);
      const first = bus.records.length;
      for (const { value, headers = NO_HEADERS } of records) {
        bus.records.push(JSON.parse(Buffer.from(value).toString('utf8')) as InboundRecord);
        bus.headers.push(headers);
      }
      return records.map((_record, index) => ({ partition: 0, offset: first + index }));
    },
    subscribe: unsupported,
    ranges: unsupported,
    offsetAt: unsupported,
    close: async () => undefined,
  };
  return bus;
}
