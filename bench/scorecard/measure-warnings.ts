import { writeFile } from 'node:fs/promises';
import { confirmedOf, runWarnings, type Warned } from './warning-study.ts';

/** Companies that the record is measured on; the scorecard has others. */
const COMPANIES = 36;
const FILE = new URL('../../src/detect/warning/measured-precision.json', import.meta.url);

/** Measures how many warnings of each kind are right, a figure that every warning states, and stores it. */
async function main(): Promise<void> {
  const warned: Warned[] = [];
  for (let company = 1; company <= COMPANIES; company++) {
    warned.push(...runWarnings(`measured-${company}`).warned);
    console.log(`${company} of ${COMPANIES}: ${confirmedOf(warned).length} of ${warned.length} right`);
  }
  const records = Object.fromEntries(
    (['fleet', 'acquirer'] as const).map((scope) => [scope, recordsOf(warned.filter((one) => one.scope === scope))]),
  );
  await writeFile(FILE, `${JSON.stringify(records, null, 2)}\n`);
}

function recordsOf(warned: readonly Warned[]): Record<string, { warnings: number; confirmed: number }> {
  const kinds = [...new Set(warned.map(({ kind }) => kind))].toSorted();
  return Object.fromEntries(
    kinds.map((kind) => {
      const own = warned.filter((one) => one.kind === kind);
      return [kind, { warnings: own.length, confirmed: confirmedOf(own).length }];
    }),
  );
}

await main();
