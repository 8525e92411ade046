import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { judgeRows, readDataRows, rowTime } from './data-files.ts';
import { alignToTimes, scoreKpi, type KpiScore, type KpiSeries } from './score-kpi.ts';
import { isCounts, UNCHANGED, type Transform } from './transform.ts';

/** A series and the group that it belongs to. */
export interface GroupedSeries extends KpiSeries {
  readonly group: string;
}

export interface KpiRun {
  readonly series: readonly GroupedSeries[];
  readonly score: KpiScore;
  /** Series whose values are all counts: the ones that can be thinned. */
  readonly counts: number;
}

/** Judges every series of `folder` (`<group>/<series>.csv`: time, value, label) and scores the second half of each. */
export async function runKpi(folder: string, transform: Transform = UNCHANGED): Promise<KpiRun> {
  const series: GroupedSeries[] = [];
  let counts = 0;
  for (const file of globSync('*/*.csv', { cwd: folder }).toSorted()) {
    const plain = await readDataRows(join(folder, file));
    if (isCounts(plain)) counts++;
    const rows = transform.apply(plain);
    const judged = await judgeRows(rows);
    const times = rows.map(({ timestamp }) => Math.floor(timestamp / 1000));
    const told = judged.map(({ timestamp, score, decision }) => ({ time: rowTime(timestamp) / 1000, score, decision }));
    const labels = labelsOf(join(folder, file));
    series.push({
      name: basename(file, '.csv'),
      group: dirname(file),
      times,
      labels,
      split: Math.floor(rows.length / 2),
      ...alignToTimes(times, told),
    });
  }
  return { series, score: scoreKpi(series), counts };
}

function labelsOf(file: string): Uint8Array {
  const records = parse(readFileSync(file), { bom: true, from_line: 2, skip_empty_lines: true, relax_column_count: true });
  return Uint8Array.from(records, (record) => Number(record[2] ?? 0));
}
