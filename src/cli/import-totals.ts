import { createCsvReader, type CsvOptions } from '../ingest/csv/read-csv.ts';
import { createLocalTime } from '../ingest/time-zone.ts';
import { parseTimestamp } from '../ingest/timestamp.ts';
import { cellText } from './replay-rows.ts';
import type { LineAnswer } from './upload.ts';

/** Adds up what went in, by what the file says and the server confirms. */
export interface ImportTotals {
  /** Passes the bytes on and notes their rows. */
  watch(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer>;
  settle(answers: readonly LineAnswer[]): void;
  /** `status` or `auth_code`. */
  readonly dimension: string;
  /** Transactions by status, or by auth code in a file without statuses. */
  readonly byName: ReadonlyMap<string, number>;
  /** First and last event time, epoch milliseconds; undefined when nothing went in. */
  readonly span: { readonly first: number; readonly last: number } | undefined;
}

interface OpenRow {
  readonly name: string;
  readonly count: number;
  readonly at: number;
}

/** Makes totals of one upload. `timeZone`: of times without an offset. */
export function createImportTotals(options: CsvOptions, timeZone: string): ImportTotals {
  const reader = createCsvReader(options);
  const local = createLocalTime(timeZone);
  const open = new Map<number, OpenRow>();
  const byName = new Map<string, number>();
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;

  const note = (at: number, value: Record<string, unknown>): void => {
    const name = cellText(value['status'] ?? value['auth_code']);
    open.set(at, { name, count: Number(value['count'] ?? 1), at: parseTimestamp(cellText(value['timestamp']), local) });
  };

  return {
    async *watch(chunks) {
      const passed: Buffer[] = [];
      const tap = async function* (): AsyncGenerator<Buffer> {
        for await (const chunk of chunks) {
          passed.push(chunk);
          yield chunk;
        }
      };
      const groups = reader.read(tap());
      try {
        for (let next = await groups.next(); next.done !== true; next = await groups.next()) {
          for (const item of next.value) if (item.kind === 'item') note(item.at, item.value as Record<string, unknown>);
          yield* passed.splice(0);
        }
      } catch {
        // The file cannot be read any further: the server will say why, and better.
        for await (const chunk of chunks) passed.push(chunk);
      }
      yield* passed.splice(0);
    },
    settle(answers) {
      for (const { line, status } of answers) {
        const row = open.get(line);
        open.delete(line);
        if (row === undefined || (status !== 'accepted' && status !== 'duplicate')) continue;
        byName.set(row.name, (byName.get(row.name) ?? 0) + row.count);
        first = Math.min(first, row.at);
        last = Math.max(last, row.at);
      }
    },
    get dimension() {
      return reader.layout?.breakdown === true ? 'auth_code' : 'status';
    },
    byName,
    get span() {
      return first <= last ? { first, last } : undefined;
    },
  };
}
