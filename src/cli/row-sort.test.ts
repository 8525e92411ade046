import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { ImportRow } from './import-rows.ts';
import { createRowSort } from './row-sort.ts';
import { testFolder } from './test-run.ts';

function row(at: number, file: number, line: number): ImportRow {
  return { at, file, line, csv: `x,${at}`, raw: 'ação', dimension: 'status', name: 'approved', count: 1 };
}

/** Two files whose times jump, with many equal ones. */
function mixed(rows: number): ImportRow[] {
  return Array.from({ length: rows }, (_, index) => row((index * 7919) % 101, index % 2, Math.floor(index / 2) + 2));
}

for (const maxRows of [10_000, 700, 64]) {
  test(`rows come out by time, file and line with ${maxRows} rows in memory`, async (t) => {
    const folder = testFolder(t);
    const sort = createRowSort(folder, { maxRows });
    const rows = mixed(5000);
    for (let from = 0; from < rows.length; from += 900) await sort.add(rows.slice(from, from + 900));
    assert.deepEqual(readdirSync(folder), [], 'nothing can be left behind on the disk');
    const out: ImportRow[] = [];
    for await (const group of sort.sorted()) out.push(...group);
    assert.equal(sort.count, 5000);
    assert.deepEqual(
      out,
      rows.toSorted((a, b) => a.at - b.at || a.file - b.file || a.line - b.line),
    );
    await sort.close();
    await sort.close();
  });
}

test('long rows fill the memory before many rows do', async (t) => {
  const sort = createRowSort(testFolder(t), { maxChars: 50 });
  await sort.add([row(3, 0, 2), row(2, 0, 3), row(1, 0, 4)].map((one) => ({ ...one, raw: 'x'.repeat(60) })));
  const times: number[] = [];
  for await (const group of sort.sorted()) times.push(...group.map(({ at }) => at));
  await sort.close();
  assert.deepEqual(times, [1, 2, 3]);
});
