import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CloudwalkRun } from './run-cloudwalk.ts';
import type { KpiRun } from './run-kpi.ts';
import type { NabRun } from './run-nab.ts';

/** The reference scorers (`score/*.py` beside the data sets) and a Python that can run them. */
export interface ReferenceDetector {
  readonly python: string;
  readonly folder: string;
}

/** Finds them; a sentence that says what is missing when they are not there. SCORE_PYTHON names another Python. */
export function findReference(data: string | null): ReferenceDetector | string {
  if (data === null) return 'there are no data sets: put them into ../shared or set GUARDIAN_SHARED';
  const folder = join(dirname(data), 'score');
  if (!existsSync(join(folder, 'nab_score.py'))) return 'the reference scorers are not beside the data sets';
  const python = process.env['SCORE_PYTHON'] ?? 'python3';
  try {
    execFileSync(python, ['-c', 'import numpy, pandas'], { stdio: 'ignore' });
    return { python, folder };
  } catch {
    return `${python} cannot import numpy and pandas; set SCORE_PYTHON to one that can`;
  }
}

/** The scorers count nanoseconds, as every pandas before 3 did; a newer one is made to. */
const RUN = `
import pandas as pd, runpy, sys
plain = pd.to_datetime
def in_ns(*a, **k):
    r = plain(*a, **k)
    return r.dt.as_unit('ns') if isinstance(r, pd.Series) else r
pd.to_datetime = in_ns
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name='__main__')
`;

function run({ python, folder }: ReferenceDetector, script: string, args: readonly string[]): Record<string, unknown> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  const text = execFileSync(python, ['-W', 'ignore', '-c', RUN, join(folder, script), ...args], { encoding: 'utf8', env });
  return JSON.parse(text.replaceAll(/\b(NaN|-?Infinity)\b/g, 'null')) as Record<string, unknown>;
}

/** What the reference says about a judged stream; files go below `folder`. */
export function referenceWindows(reference: ReferenceDetector, { rows }: CloudwalkRun, folder: string): Record<string, unknown> {
  const lines = rows.map(({ timestamp, score, decision, status }) => `${timestamp},${score},${decision},${status}`);
  writeFileSync(join(folder, 'transactions.csv'), `timestamp,score,decision,status\n${lines.join('\n')}\n`);
  return run(reference, 'cloudwalk_score.py', ['--scores', folder, '-v']);
}

/** The same for series; every series is given whole. */
export function referenceKpi(reference: ReferenceDetector, { series }: KpiRun, folder: string): Record<string, unknown> {
  for (const { name, times, scores, decisions } of series) {
    const seen = new Set<number>();
    const lines = times.flatMap((time, index) => {
      if (seen.has(time)) return [];
      seen.add(time);
      return [`${time},${scores[index]},${decisions?.[index]}`];
    });
    writeFileSync(join(folder, `${name}.csv`), `timestamp,score,decision\n${lines.join('\n')}\n`);
  }
  return run(reference, 'kpi_score.py', ['--scores', folder]);
}

/** The same for the files of the anomaly benchmark. */
export function referenceNab(reference: ReferenceDetector, { files }: NabRun, folder: string): Record<string, unknown> {
  for (const { name, times, scores, decisions } of files) {
    const lines = times.map(
      (time, row) => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')},${scores[row]},${decisions?.[row]}`,
    );
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), `timestamp,score,decision\n${lines.join('\n')}\n`);
  }
  return run(reference, 'nab_score.py', ['--scores', folder]);
}
