import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeRows, readRows, timeOf } from './data-files.ts';
import { scoreNab, type NabFile, type NabScore } from './score-nab.ts';
import { isCounts, PLAIN, type Transform } from './transform.ts';

const DAY_MS = 86_400_000;

export interface NabRun {
  readonly files: readonly NabFile[];
  readonly score: NabScore;
  /** Files whose values are all counts: the ones that can be thinned. */
  readonly counts: number;
}

/** Judges every file of `folder` that has labels, and scores them together. */
export async function runNab(folder: string, transform: Transform = PLAIN): Promise<NabRun> {
  const labels = JSON.parse(readFileSync(join(folder, 'combined_windows.json'), 'utf8')) as Record<string, [string, string][]>;
  const files: NabFile[] = [];
  let counts = 0;
  for (const name of Object.keys(labels).toSorted()) {
    if (!existsSync(join(folder, name))) continue;
    const plain = await readRows(join(folder, name));
    if (isCounts(plain)) counts++;
    const judged = await judgeRows(transform.apply(plain));
    const windows = (labels[name] ?? []).map(([start, end]) => [moved(start, transform), moved(end, transform)] as const);
    files.push({
      name,
      windows,
      times: judged.map(({ timestamp }) => timeOf(timestamp)),
      scores: judged.map(({ score }) => score),
      decisions: judged.map(({ decision }) => decision),
    });
  }
  return { files, score: scoreNab(files), counts };
}

const moved = (text: string, { days }: Transform): number => timeOf(text) + days * DAY_MS;
