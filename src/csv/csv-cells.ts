import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';

const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** The delimiter that occurs most often in a header line; `,` when none does. */
export function sniffDelimiter(header: string): Delimiter {
  let best: Delimiter = ',';
  for (const delimiter of DELIMITERS) if (header.split(delimiter).length > header.split(best).length) best = delimiter;
  return best;
}

/** Cells of one line, trimmed; null when its quotes are wrong (a quoted cell ends on its own line). Pure. */
export function splitCells(line: string, delimiter: Delimiter): string[] | null {
  if (!line.includes('"')) return line.split(delimiter).map((cell) => cell.trim());
  try {
    const rows: string[][] = parse(line, { delimiter, relax_column_count: true, trim: true });
    return rows[0]?.map((cell) => cell.trim()) ?? [];
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}
