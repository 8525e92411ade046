import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SectionOptions } from './figure.ts';
import type { MadeSection, SectionName } from './section-worker.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'bench/results/sections');

/** Hash of the code and options that the figures of a section come from, uncommitted changes included. */
export function sectionSource(options: SectionOptions): string {
  const hash = createHash('sha256').update(JSON.stringify(options));
  for (const args of [
    ['rev-parse', 'HEAD:src', 'HEAD:contracts', 'HEAD:bench/scorecard'],
    ['diff', 'HEAD', '--', 'src', 'contracts', 'bench/scorecard'],
  ])
    hash.update(execFileSync('git', args, { cwd: ROOT, maxBuffer: 2 ** 28 }));
  return hash.digest('hex');
}

/** Writes a section that was made, so that a run that is stopped loses only the section in hand. */
export async function keepSection(made: MadeSection, source: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const path = join(FOLDER, `${made.name}.json`);
  await writeFile(`${path}.new`, JSON.stringify({ source, made }));
  await rename(`${path}.new`, path);
}

/** The section that an earlier run made from the same source; null where there is none. */
export async function keptSection(name: SectionName, source: string): Promise<MadeSection | null> {
  try {
    const kept = JSON.parse(await readFile(join(FOLDER, `${name}.json`), 'utf8')) as { source: string; made: MadeSection };
    return kept.source === source ? kept.made : null;
  } catch {
    return null;
  }
}
