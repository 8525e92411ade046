import type { BusRecord } from '../../bus/bus.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { NOON, type RawUnderTest } from '../raw-under-test.ts';
import { rawConformance } from '../raw.conformance.ts';
import { createRawRows } from './raw-rows.ts';

/** Rows need nothing of the log but its offsets. */
async function createRowsUnderTest(): Promise<RawUnderTest> {
  const database = await openTestDatabase();
  const next = [0, 0];
  let raw = createRawRows(database);
  return {
    database,
    raw: () => raw,
    publish: async (partition, records) =>
      records.map((record): BusRecord => {
        const offset = next[partition] ?? 0;
        next[partition] = offset + 1;
        return { offset, key: 'k', value: Buffer.from(JSON.stringify(record)), headers: {}, publishedAt: NOON };
      }),
    counted: () => undefined,
    reopen: async () => {
      raw = createRawRows(database);
    },
    release: () => database.close(),
  };
}

rawConformance('rows', createRowsUnderTest);
