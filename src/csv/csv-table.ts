import { meantBy, statusOfWord } from '@transaction-guardian/contracts/status-word.ts';
import { createSignEvidence, decimalSignOf, type SignEvidence } from './decimal-sign.ts';
import type { Delimiter } from './csv-cells.ts';
import type { CellKinds, CsvLayout } from './csv-layout.ts';
import { isAnyTime, isClock, joinTime, likelyOrder, orderOf, type DateOrder } from './csv-time.ts';
import { isMissing, numberOf } from './csv-values.ts';

type Cells = readonly string[] | null;

const FLAGS = new Set(['true', 'false', 'yes', 'no', 'y', 'n', 't', 'f', 'sim', 'não', 'nao', 's', 'si', 'sí']);
/** Words of an outcome at most (`DECLINED_BY_ISSUER`): a longer text is a remark. */
const MOST_WORDS = 4;

/** What the rows of a file have shown of how it writes numbers and dates. */
export interface Table {
  readonly layout: CsvLayout;
  readonly delimiter: Delimiter;
  readonly timeColumn: number;
  /** Null while the dates can be read in both orders. */
  readonly order: DateOrder | null;
  signOf(column: number): SignEvidence['sign'];
  /** Takes what a row says. */
  see(cells: Cells): void;
  /** False while a number or a date of a row that was seen can be read in two ways. */
  readonly isSettled: boolean;
  /** Decides the order of dates, by all rows that wait, where none has shown it. */
  settle(rows: readonly Cells[]): void;
  /** The cell of the time, with the date of its own column where there is one. */
  timeText(cells: readonly string[]): string;
}

/** Makes the table of one file. */
export function createTable(layout: CsvLayout, delimiter: Delimiter): Table {
  const timeColumn = layout.fields.indexOf('timestamp');
  const dateColumn = layout.fields.indexOf('date');
  const signs = new Map<number, SignEvidence>();
  for (const [column, field] of layout.fields.entries()) if (isNumeric(field)) signs.set(column, createSignEvidence());
  const unclear = new Set<number>();
  let order: DateOrder | null = delimiter === ';' ? 'day' : null;

  const timeText = (cells: readonly string[]): string => {
    const text = cells[timeColumn] ?? '';
    return dateColumn < 0 ? text : joinTime(cells[dateColumn] ?? '', text);
  };

  return {
    layout,
    delimiter,
    timeColumn,
    get order() {
      return order;
    },
    signOf: (column) => signs.get(column)?.sign ?? null,
    see(cells) {
      if (cells === null) return;
      order ??= orderOf(timeText(cells));
      for (const [column, evidence] of signs) {
        const cell = cells[column] ?? '';
        if (/^\d*$/.test(cell)) continue;
        evidence.see(cell);
        if (evidence.sign !== null) unclear.delete(column);
        else if (decimalSignOf(cell) === 'unclear') unclear.add(column);
      }
    },
    get isSettled() {
      return order !== null && unclear.size === 0;
    },
    settle(rows) {
      order ??= likelyOrder(rows.flatMap((cells) => (cells === null ? [] : [timeText(cells)])));
      unclear.clear();
    },
    timeText,
  };
}

/** True for a field whose cells are numbers. */
export function isNumeric(field: string | null): boolean {
  return field === 'count' || field === 'amount' || field === 'value' || field?.startsWith('status:') === true;
}

/** Decides what the cells of the first rows are. */
export function cellKinds(rows: readonly (readonly string[])[], delimiter: Delimiter): CellKinds {
  const wordsOf = (column: number): string[] => rows.flatMap((cells) => (isMissing(cells[column] ?? '') ? [] : [cells[column] ?? '']));
  const cellAt = (column: number): string => rows.find((cells) => !isMissing(cells[column] ?? ''))?.[column] ?? rows[0]?.[column] ?? '';
  const most = (column: number, holds: (cell: string) => boolean): boolean => {
    const words = wordsOf(column);
    return words.length > 0 && words.filter(holds).length * 2 >= words.length;
  };
  return {
    isTime: (column) => /\D/.test(cellAt(column)) && isAnyTime(cellAt(column)),
    isClock: (column) => isClock(cellAt(column)),
    isNumber: (column) =>
      numberOf(cellAt(column), { field: '', sign: null, usual: delimiter === ',' ? '.' : ',' }, []) !== undefined ||
      decimalSignOf(cellAt(column)) === 'unclear',
    isFraction: (column) => /[.,]\d{1,2}$/.test(cellAt(column)) && decimalSignOf(cellAt(column)) !== 'unclear',
    isStatus: (column) => most(column, (cell) => statusOfWord(cell) !== undefined),
    isOutcome: (column) => most(column, (cell) => cell.split(/[^\p{L}]+/u).length <= MOST_WORDS && meantBy(cell).inside !== undefined),
    isFlag: (column) => most(column, (cell) => FLAGS.has(cell.toLowerCase())),
  };
}
