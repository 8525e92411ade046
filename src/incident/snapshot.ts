import { keyOfNode } from '../detect/series/node-key.ts';
import { MINUTE_MS } from '../clock.ts';
import type { Sql } from '../store/database.ts';
import { listScores } from '../store/verbs/detector/list-scores.ts';
import type { WatchedAlert } from '../store/verbs/incident/incident-alert.ts';

/** Minutes of a chart, the newest last; counts a minute. */
export interface ChartSnapshot {
  readonly node: string;
  readonly minutes: readonly {
    readonly minute: string;
    readonly observed: number;
    readonly expected: number;
    readonly low: number;
    readonly high: number;
  }[];
}

/** Long enough to show what was normal before. */
const MINUTES = 60;

/** The last hour of the node of an alert as it is now, so that it is there when its scores are past their retention; null without
 *  scores. */
export async function takeSnapshot(sql: Sql, { anomaly }: Pick<WatchedAlert, 'anomaly'>): Promise<ChartSnapshot | null> {
  if (anomaly === null) return null;
  const node = keyOfNode(anomaly.node);
  const to = Date.parse(anomaly.updated_at) + MINUTE_MS;
  const scores = await listScores(sql, { node, from: to - MINUTES * MINUTE_MS, to });
  if (scores.length === 0) return null;
  const short = (value: number): number => Math.round(value * 1000) / 1000;
  return {
    node,
    minutes: scores.map(({ minute, observed, expected, low, high }) => ({
      minute: new Date(minute).toISOString(),
      observed: short(observed),
      expected: short(expected),
      low: short(low),
      high: short(high),
    })),
  };
}
