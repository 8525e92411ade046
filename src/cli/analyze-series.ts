import type { BacktestOutput } from '../backtest/backtest-output.ts';
import { judgeAll } from '../backtest/several-series.ts';
import { GuardianError } from '../errors.ts';
import type { Cli } from './cli.ts';
import type { ReplayFile } from './replay-rows.ts';

/** One series of a file of values. `last`: its last anomalous point; null where it has none. */
export interface AnalyzedSeries {
  /** The words that tell it from the others; '' for the only one. */
  readonly name: string;
  readonly points: number;
  readonly anomalous: number;
  readonly last: Pick<BacktestOutput, 'timestamp' | 'score' | 'z' | 'reason'> | null;
}

/** What `guardian analyze` says of a file of values. */
export interface SeriesAnswer {
  readonly alert: boolean;
  readonly recommendation: 'alert' | 'none';
  readonly series: readonly AnalyzedSeries[];
}

/** Judges the values of a file as the backtest does. Throws CLI_FILE where there are none. */
export function analyzeSeries(cli: Cli, csv: string, { points }: ReplayFile): SeriesAnswer {
  if (points.length === 0) throw new GuardianError('CLI_FILE', cli.say('analyze.nothing', { file: csv }));
  const byName = Map.groupBy(judgeAll(points, cli.locale), ({ status }) => status);
  const series = [...byName].map(([name, rows]): AnalyzedSeries => {
    const anomalous = rows.filter(({ decision }) => decision === 1);
    const last = anomalous.at(-1);
    const { timestamp = '', score = 0, z = 0, reason = '' } = last ?? {};
    return { name, points: rows.length, anomalous: anomalous.length, last: last === undefined ? null : { timestamp, score, z, reason } };
  });
  const alert = series.some(({ anomalous }) => anomalous > 0);
  return { alert, recommendation: alert ? 'alert' : 'none', series };
}

/** The same for a person: one line a series with an anomaly. */
export function seriesText(cli: Pick<Cli, 'say'>, { alert, series }: SeriesAnswer): string {
  const told = series.flatMap(({ name, points, anomalous, last }) =>
    last === null ? [] : [cli.say('analyze.series', { name, n: anomalous, points, at: last.timestamp, reason: last.reason })],
  );
  return [alert ? cli.say('analyze.alert', { level: 'warning' }) : cli.say('analyze.none'), ...told].join('\n');
}
