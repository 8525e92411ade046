import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
/** Columns of a row that are results of a minute or what was learnt: see `series-store.ts`. */
const COLUMNS = [
  ...[
    'LEVEL_A',
    'LEVEL_B',
    'SLOW_A',
    'SLOW_B',
    'SQUARES',
    'VARIANCES',
    'DISPERSION',
    'PROCESS_NOISE',
    'LAST_ERROR',
    'TAUGHT_A',
    'TAUGHT_B',
  ],
  ...['PEAK', 'TAIL_COUNT', 'TAIL_SUM', 'CROSSED', 'EXPECTED', 'SPREAD', 'MINUTE_Z', 'OLDER_Z', 'OLDEST_Z', 'NATS', 'LOW', 'HEALTHY'],
  ...['RUN', 'WEIGHT', 'SLOW_NATS'],
];

/** Files that assign to a cell of a column, by column. */
function writers(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of readdirSync(ROOT, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || /\.test\.ts$|(^|\/)test-/.test(file)) continue;
    const source = readFileSync(join(ROOT, file), 'utf8');
    for (const column of COLUMNS) {
      if (!new RegExp(String.raw`\[[^\]\n]*\b${column}\b[^\]\n]*\](?: = [^;\n]*\])? (?:=|\+=|-=|\*=) `).test(source)) continue;
      found.set(column, (found.get(column) ?? new Set()).add(file));
    }
  }
  return found;
}

test('each column of a row is written in one file', () => {
  const found = writers();
  assert.deepEqual(
    COLUMNS.map((column) => [column, found.get(column)?.size]),
    COLUMNS.map((column) => [column, 1]),
  );
});
