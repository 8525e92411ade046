import type { AnomalyEvent, MinuteScore } from '@transaction-guardian/contracts/anomaly.ts';
import { STATUSES, type Status } from '@transaction-guardian/contracts/transaction.ts';
import { reasonText, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { MINUTE_MS, minuteOf } from '../clock.ts';
import { GuardianError } from '../errors.ts';
import type { BacktestRow } from './backtest-csv.ts';
import type { Detector } from './detector.ts';
import { judgeSeries, type SeriesPoint } from './series/backtest-series.ts';

export interface BacktestOptions {
  readonly format: 'counts' | 'series' | 'auto';
  /** Makes the detector that decides; the live product passes the same. */
  readonly createDetector: () => Detector;
  /** Language of the reasons (default en). */
  readonly locale?: Locale;
}

/** One output row. `score`: 1.0 is the bar that opens an anomaly, for every status alike. */
export interface BacktestOutput {
  /** ISO 8601, UTC, without a zone: `2025-07-12 13:45:00`. */
  readonly timestamp: string;
  readonly score: number;
  readonly z: number;
  readonly decision: 0 | 1;
  readonly status: string;
  readonly reason: string;
}

/** Runs the rows of a file through the detector of the live product, as closed minutes. Counts: one output row for every
 *  minute and status of the file, also where the file has none, in order of time and status; rows may come in any order
 *  and more than once a minute (they add up). Values: one output row for every input row, in order of time. Throws CSV_LAYOUT when the rows are not of the wanted format. */
export async function* backtest(
  rows: AsyncIterable<BacktestRow> | Iterable<BacktestRow>,
  options: BacktestOptions,
): AsyncGenerator<BacktestOutput> {
  const minutes = new Map<number, Map<string, number>>();
  const points: SeriesPoint[] = [];
  let kind: BacktestRow['kind'] | null = null;
  for await (const row of rows) {
    kind ??= row.kind;
    if (
      (row.kind === 'value' && options.format === 'counts') ||
      (row.kind !== 'value' && options.format === 'series') ||
      row.kind !== kind
    ) {
      throw new GuardianError(
        'CSV_LAYOUT',
        `Expected rows of the format ${options.format}; got a row with ${row.kind === 'value' ? 'a value' : `a ${row.kind} and a count`}.`,
      );
    }
    if (row.kind === 'value') {
      points.push(row);
      continue;
    }
    const minute = minuteOf(row.timestamp);
    let cells = minutes.get(minute);
    if (cells === undefined) minutes.set(minute, (cells = new Map()));
    cells.set(row.name, (cells.get(row.name) ?? 0) + row.value);
  }
  if (kind === 'value') {
    for (const { timestamp, ...verdict } of judgeSeries(points, options.locale ?? 'en'))
      yield { timestamp: timeText(timestamp), ...verdict, status: '' };
    return;
  }
  yield* judgeCounts(minutes, kind === 'auth_code', options);
}

function* judgeCounts(
  minutes: ReadonlyMap<number, ReadonlyMap<string, number>>,
  isCode: boolean,
  options: BacktestOptions,
): Generator<BacktestOutput> {
  const names = namesOf(minutes, isCode);
  const starts = [...minutes.keys()].sort((a, b) => a - b);
  const first = starts[0];
  const last = starts.at(-1);
  if (first === undefined || last === undefined) return;
  const detector = options.createDetector();
  const open = new Map<string, AnomalyEvent['anomaly']>();
  for (let minute = first, sequence = detector.lastSequence + 1; minute <= last; minute += MINUTE_MS, sequence++) {
    const counts = minutes.get(minute);
    const window = windowOf(minute, sequence, counts, isCode);
    const { events, scores } = detector.step(window);
    for (const { anomaly, event } of events) {
      if (event === 'resolved') open.delete(anomaly.id);
      else open.set(anomaly.id, anomaly);
    }
    const byNode = new Map(scores.map((score) => [score.node, score]));
    for (const name of names) yield outputOf(minute, name, isCode, byNode, [...open.values()], options.locale ?? 'en');
  }
}

function namesOf(minutes: ReadonlyMap<number, ReadonlyMap<string, number>>, isCode: boolean): string[] {
  const names = new Set<string>();
  for (const cells of minutes.values()) for (const name of cells.keys()) names.add(name);
  if (isCode) return [...names].sort();
  const known = STATUSES.filter((status) => names.has(status));
  const unknown = [...names].filter((name) => !isStatus(name));
  if (unknown.length > 0) throw new GuardianError('CSV_LAYOUT', `Expected a status of ${STATUSES.join(', ')}; got ${unknown.join(', ')}.`);
  return known;
}

const isStatus = (name: string): name is Status => (STATUSES as readonly string[]).includes(name);

function windowOf(minute: number, sequence: number, counts: ReadonlyMap<string, number> | undefined, isCode: boolean): ClosedWindow {
  const cells: Cell[] = [];
  for (const [name, count] of counts ?? []) {
    const status: Cell['status'] = isCode ? (name === '00' ? 'approved' : 'denied') : isStatus(name) ? name : '';
    cells.push({ status, auth_code: isCode ? name : '', merchant_id: '', acquirer: '', count, amount: 0 });
  }
  const total = cells.reduce((sum, cell) => sum + cell.count, 0);
  const state = counts === undefined ? 'silent' : total > 0 ? 'observed' : 'zero';
  return { v: 1, sequence, minute, revision: 0, state, cells, late: 0, backfill: true, closed_at: minute + MINUTE_MS };
}

function outputOf(
  minute: number,
  name: string,
  isCode: boolean,
  scores: ReadonlyMap<string, MinuteScore>,
  open: readonly AnomalyEvent['anomaly'][],
  locale: Locale,
): BacktestOutput {
  const isApproved = isCode ? name === '00' : name === 'approved';
  const own = scores.get(isCode ? `auth_code:${name}` : `status:${name}`);
  const total = scores.get('fleet');
  const isTotal = isApproved && total !== undefined && total.score > (own?.score ?? 0);
  const shown = isTotal ? total : own;
  const isCause = (anomaly: AnomalyEvent['anomaly']): boolean => {
    if (isCode)
      return (
        anomaly.slice.auth_code === name ||
        anomaly.node.auth_code === name ||
        (isApproved && (anomaly.node.status ?? 'approved') === 'approved')
      );
    return (anomaly.node.status ?? anomaly.slice.status ?? 'approved') === name;
  };
  const causes = open.filter(isCause);
  const isDecided = causes.length > 0 || own?.state === 'anomalous';
  const told = causes.length > 0 ? causes : isDecided ? open : [];
  return {
    timestamp: timeText(minute),
    score: shown?.score ?? 0,
    z: shown?.z_score ?? 0,
    decision: isDecided ? 1 : 0,
    status: name,
    reason: told
      .map((anomaly) => `${anomaly.type}: ${anomaly.reasons.map((reason) => reasonText(locale, reason, { timeZone: 'UTC' })).join(', ')}`)
      .join('; '),
  };
}

const timeText = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ');
