import { minuteOf } from '../clock.ts';
import { CSV_HEADER } from '../csv/write-csv.ts';
import { isRow, type ImportLine, type ImportRow } from './import-rows.ts';
import type { ImportTotals } from './import-totals.ts';
import type { RejectedLine, RejectsFile } from './rejects-file.ts';
import type { LineAnswer } from './upload.ts';

/** Turns rows of any files into one upload, and the answers about its lines into answers about theirs. */
export interface ImportSending {
  /** The upload, as one CSV. Wrong lines of the files do not go up. */
  body(groups: AsyncIterable<readonly ImportLine[]>): AsyncGenerator<Buffer>;
  /** Takes a wrong line of a file. */
  reject(line: RejectedLine): Promise<void>;
  /** Takes the answers, in the order of the upload. */
  settle(answers: readonly LineAnswer[]): Promise<void>;
  /** Writes down what no answer has written; to be called at the end. */
  finish(): Promise<void>;
  readonly counts: Readonly<Record<LineAnswer['status'], number>>;
  /** Minutes (epoch milliseconds) of which a row with a count was refused. */
  readonly incomplete: ReadonlySet<number>;
}

/** Makes one upload. Only rows that wait for their answer are kept in memory. */
export function createImportSending(names: readonly string[], totals: ImportTotals, rejects: Pick<RejectsFile, 'add'>): ImportSending {
  const counts = { accepted: 0, duplicate: 0, refused: 0, failed: 0 };
  const incomplete = new Set<number>();
  const open = new Map<number, ImportRow>();
  /** Wrong lines behind rows that wait for their answer, so that the list keeps the order of the file. */
  let held: { readonly after: number; readonly line: RejectedLine }[] = [];
  let sentLine = 1;

  async function reject(line: RejectedLine): Promise<void> {
    counts.refused++;
    if (open.size > 0) held.push({ after: sentLine, line });
    else await rejects.add([line]);
  }

  function heldBefore(line: number): RejectedLine[] {
    const end = held.findIndex(({ after }) => after >= line);
    return held.splice(0, end === -1 ? held.length : end).map((one) => one.line);
  }

  return {
    counts,
    incomplete,
    reject,
    async *body(groups) {
      yield Buffer.from(`${CSV_HEADER}\n`);
      for await (const group of groups) {
        let text = '';
        for (const line of group) {
          if (isRow(line)) {
            open.set(++sentLine, line);
            text += `${line.csv}\n`;
          } else await reject(line);
        }
        if (text !== '') yield Buffer.from(text);
      }
    },
    async settle(answers) {
      const lines: RejectedLine[] = [];
      for (const { line, status, errors = [] } of answers) {
        if (held.length > 0) lines.push(...heldBefore(line));
        const row = open.get(line);
        open.delete(line);
        // The row that a mark stands for is counted already.
        if (row?.isMark === true) {
          incomplete.add(minuteOf(row.at));
          continue;
        }
        counts[status]++;
        if (row === undefined) continue;
        if (status === 'accepted' || status === 'duplicate') totals.add(row);
        else if (status === 'refused') lines.push({ file: names[row.file] ?? '', line: row.line, errors, raw: row.raw });
      }
      await rejects.add(lines);
    },
    async finish() {
      await rejects.add(held.map(({ line }) => line));
      held = [];
    },
  };
}
