import type { BacktestOutput } from '../../src/backtest/backtest-output.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import { START } from './counts-stream.ts';
import { createDefaultDetector, judgeRows, rowTime, type MakeDetector } from './data-files.ts';
import type { DayIncident } from './first-day-incidents.ts';
import { drawDay, type FirstDay } from './first-day-stream.ts';
import { scoreWindows, type WindowScore } from './score-windows.ts';

/** One incident of a day and what was reported of it. `delay`: minutes, null when it was missed; of an inner one, those of its own
 *  status. `swept`: it is also hit at the lowest threshold of the score that has no false alarm on its day. */
export interface ReportedIncident {
  readonly incident: DayIncident;
  readonly isInner: boolean;
  readonly delay: number | null;
  readonly swept: boolean;
  /** Statuses other than approved that were decided in it. */
  readonly told: readonly string[];
  readonly isNamed: boolean;
}

/** One judged day. */
export interface JudgedDay {
  readonly day: FirstDay;
  readonly score: WindowScore;
  readonly incidents: readonly ReportedIncident[];
  /** What was decided outside every window and its quarter of an hour: minute and status, in order. */
  readonly falseRows: readonly { readonly minute: number; readonly status: string; readonly reason: string }[];
}

/** Judges one day as `guardian backtest` judges its file, and scores it. */
export async function judgeDay(
  seed: string,
  index: number,
  isClean: boolean,
  make: MakeDetector = createDefaultDetector,
): Promise<JudgedDay> {
  const day = drawDay(seed, index, isClean);
  const output = await judgeRows(day.rows, make);
  const rows = output.map((row) => ({ ...row, minute: minuteOf(row) }));
  const score = scoreWindows(day.incidents, rows, { minutes: 1440 });
  const isFree = (minute: number): boolean => day.incidents.every(({ start, end }) => minute < start - 1 || minute > end + 15);
  const decided = rows.filter(({ decision }) => decision > 0);
  const incidents = day.incidents.map((incident): ReportedIncident => {
    const isInner = incident.id in score.nested;
    const overlapping = day.incidents.filter(({ start, end }) => start <= incident.end && end >= incident.start);
    const wanted = new Set(overlapping.flatMap(({ statuses }) => statuses));
    const own = decided.filter(({ minute }) => minute >= incident.start && minute <= incident.end).map(({ status }) => status);
    const told = [...new Set(own)].filter((status) => status !== 'approved');
    const isOwn = own.some((status) => incident.statuses[0] === status);
    return {
      incident,
      isInner,
      delay: (isInner ? score.nested : score.delays)[incident.id] ?? null,
      swept: (score.zeroFalse.delays[incident.id] ?? null) !== null,
      told,
      isNamed: isOwn && told.every((status) => wanted.has(status)),
    };
  });
  return { day, score, incidents, falseRows: decided.filter(({ minute }) => isFree(minute)) };
}

const minuteOf = ({ timestamp }: BacktestOutput): number => (rowTime(timestamp) - START) / MINUTE_MS;
