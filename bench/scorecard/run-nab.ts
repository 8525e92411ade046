import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeRows, readDataRows, rowTime } from './data-files.ts';
import { scoreNab, type NabFile, type NabScore } from './score-nab.ts';
import { isCounts, UNCHANGED, type Transform } from './transform.ts';

const DAY_MS = 86_400_000;

export interface NabRun {
  readonly files: readonly NabFile[];
  readonly score: NabScore;
  /** Files whose values are all counts: the ones that can be thinned. */
  readonly counts: number;
}

/** Judges every file of `folder` that has labels, and scores them together. */
export async function runNab(folder: string, transform: Transform = UNCHANGED): Promise<NabRun> {
  const labels = JSON.parse(readFileSync(join(folder, 'combined_windows.json'), 'utf8')) as Record<string, [string, string][]>;
  const files: NabFile[] = [];
  let counts = 0;
  for (const name of Object.keys(labels).toSorted()) {
    if (!existsSync(join(folder, name))) continue;
    const plain = await readDataRows(join(folder, name));
    if (isCounts(plain)) counts++;
    const judged = await judgeRows(transform.apply(plain));
    const windows = (labels[name] ?? []).map(([start, end]) => [moved(start, transform), moved(end, transform)] as const);
    files.push({
      name,
      windows,
      times: judged.map(({ timestamp }) => rowTime(timestamp)),
      scores: judged.map(({ score }) => score),
      decisions: judged.map(({ decision }) => decision),
    });
  }
  return { files, score: scoreNab(files), counts };
}

const moved = (text: string, { days }: Transform): number => rowTime(text) + days * DAY_MS;
