import { layoutError } from '../csv/layout-error.ts';
import type { BacktestOutput } from './backtest-output.ts';
import { SEVERITIES } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { AnomalyEvent, MinuteScore } from '@transaction-guardian/contracts/anomaly.ts';
import { STATUSES, type Status } from '@transaction-guardian/contracts/status.ts';
import { reasonText, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { MINUTE_MS, minuteOf } from '../clock.ts';
import { GuardianError } from '../errors.ts';
import { timeText } from '../check/file-time.ts';
import type { BacktestRow, IncompleteRow } from './backtest-row.ts';
import { judgeAll, type LabelledPoint } from './several-series.ts';
import type { Detector, StepResult } from '../detect/engine/detector.ts';
import { coarseStep, judgeCoarseCounts } from './coarse-counts.ts';

export interface BacktestOptions {
  readonly format: 'counts' | 'series' | 'auto';
  /** Makes the detector that decides; the live product passes the same. */
  readonly createDetector: () => Detector;
  /** Language of the reasons (default en). */
  readonly locale?: Locale;
  /** IANA zone in which times without a zone were read: reasons name times in it (default UTC). */
  readonly timeZone?: string;
  /** A longer hole is a pause of the stream, not silence, as in the product (default: no hole is). */
  readonly maxGapMinutes?: number;
  /** Is reported what each minute did, before its rows are given. */
  readonly onMinute?: (minute: number, result: StepResult) => void;
}

/** Runs the rows of a file through the detector of the live product, as closed minutes. Counts: one output row for every
 *  minute and status of the file, also where the file has none, in order of time and status; rows may come in any order
 *  and more than once a minute (they add up). Counts of longer steps (hours, days) are judged as one series for each status,
 *  a row for every step. Values: one output row for every input row, in order of time. Throws CSV_LAYOUT when the rows are
 *  not of the wanted format. */
export async function* backtest(
  rows: AsyncIterable<BacktestRow | IncompleteRow> | Iterable<BacktestRow | IncompleteRow>,
  options: BacktestOptions,
): AsyncGenerator<BacktestOutput> {
  const minutes = new Map<number, Minute>();
  const points: LabelledPoint[] = [];
  let kind: BacktestRow['kind'] | null = null;
  for await (const row of rows) {
    if (row.kind === 'incomplete') {
      minuteAt(minutes, row).isIncomplete = true;
      continue;
    }
    kind ??= row.kind;
    if (
      (row.kind === 'value' && options.format === 'counts') ||
      (row.kind !== 'value' && options.format === 'series') ||
      row.kind !== kind
    ) {
      throw layoutError('format', { columns: options.format });
    }
    if (row.kind === 'value') {
      points.push(row);
      continue;
    }
    const read = minuteAt(minutes, row);
    read.counts.set(row.name, (read.counts.get(row.name) ?? 0) + row.value);
    addCell(read.cells, row, row.value);
  }
  const locale = options.locale ?? 'en';
  if (kind === 'value') {
    yield* judgeAll(points, locale);
    return;
  }
  if (kind === null) return;
  const isCode = kind === 'auth_code';
  const stepMs = coarseStep([...minutes].map(([minute, { offsetMs }]) => minute + offsetMs));
  if (stepMs === null) yield* judgeCounts(minutes, isCode, options);
  else yield* judgeSteps(minutes, stepMs, { names: namesOf(minutes, isCode), locale });
}

/** Counts by hours, days and other steps. Days are those of the clock of the file; shorter steps are all of one length, also
 *  where the clock changes: an hour that it repeats is two steps, one that it skips is none. */
function* judgeSteps(
  minutes: ReadonlyMap<number, Minute>,
  stepMs: number,
  { names, locale }: { readonly names: readonly string[]; readonly locale: Locale },
): Generator<BacktestOutput> {
  let first = Number.POSITIVE_INFINITY;
  for (const minute of minutes.keys()) first = Math.min(first, minute);
  const base = minutes.get(first)?.offsetMs ?? 0;
  const isDays = stepMs >= DAY_MS;
  const missing = new Map(names.map((name) => [name, Number.NaN]));
  const counts = [...minutes].map(
    ([minute, read]) => [minute + (isDays ? read.offsetMs : base), read.isIncomplete ? missing : read.counts] as const,
  );
  let ahead = 0;
  for (const { timestamp, ...verdict } of judgeCoarseCounts(counts, { stepMs, names, locale })) {
    if (!isDays) ahead = (minutes.get(timestamp - base)?.offsetMs ?? base + ahead) - base;
    yield { timestamp: timeText(timestamp + ahead), ...verdict, ...NO_PLACE };
  }
}

type CountedRow = Extract<BacktestRow, { readonly kind: 'status' | 'auth_code' }>;

/** What a file has of one minute: counts by name, and how far ahead of UTC its times are. */
interface Minute {
  readonly counts: Map<string, number>;
  /** The same by status or code and dimensions. */
  readonly cells: Map<string, Cell>;
  /** A count of it could not be read: the file does not say what happened. */
  isIncomplete: boolean;
  readonly offsetMs: number;
}

function minuteAt(minutes: Map<number, Minute>, row: { readonly timestamp: number; readonly offsetMs?: number }): Minute {
  const minute = minuteOf(row.timestamp);
  let read = minutes.get(minute);
  if (read === undefined)
    minutes.set(minute, (read = { counts: new Map(), cells: new Map(), isIncomplete: false, offsetMs: row.offsetMs ?? 0 }));
  return read;
}

function* judgeCounts(minutes: ReadonlyMap<number, Minute>, isCode: boolean, options: BacktestOptions): Generator<BacktestOutput> {
  const names = namesOf(minutes, isCode);
  const starts = [...minutes.keys()].sort((a, b) => a - b);
  const detector = options.createDetector();
  const open = new Map<string, AnomalyEvent['anomaly']>();
  let offsetMs = 0;
  let sequence = detector.lastSequence;
  for (const { minute, isPause } of everyMinute(starts, options.maxGapMinutes ?? Number.POSITIVE_INFINITY)) {
    sequence++;
    const read = minutes.get(minute);
    offsetMs = read?.offsetMs ?? offsetMs;
    const result = isPause ? NOTHING : detector.step(windowOf(minute, sequence, read));
    options.onMinute?.(minute, result);
    const { events, scores } = result;
    for (const { anomaly, event } of events) {
      if (anomaly.type === 'drift_warning') continue;
      if (event === 'resolved') open.delete(anomaly.id);
      else open.set(anomaly.id, anomaly);
    }
    const byNode = new Map(scores.map((score) => [score.node, score]));
    const shown = { timestamp: timeText(minute + offsetMs), isCode, wording: wordingOf(options, offsetMs) };
    if (read?.isIncomplete === true) yield* names.map((name) => notJudged(name, shown));
    else for (const name of names) yield outputOf(name, shown, byNode, [...open.values()]);
  }
}

const DAY_MS = 86_400_000;
const NOTHING: StepResult = { events: [], scores: [] };

/** The minutes from the first of `starts` (those of the file, in order) to the last, holes included. A hole of more than
 *  `mostMinutes` is a pause. */
function* everyMinute(starts: readonly number[], mostMinutes: number): Generator<{ readonly minute: number; readonly isPause: boolean }> {
  let next = starts[0] ?? 0;
  for (const start of starts) {
    const isPause = (start - next) / MINUTE_MS > mostMinutes;
    for (; next < start; next += MINUTE_MS) yield { minute: next, isPause };
    yield { minute: start, isPause: false };
    next = start + MINUTE_MS;
  }
}

function namesOf(minutes: ReadonlyMap<number, Minute>, isCode: boolean): string[] {
  const names = new Set<string>();
  for (const { counts } of minutes.values()) for (const name of counts.keys()) names.add(name);
  if (isCode) return [...names].sort();
  const known = STATUSES.filter((status) => names.has(status));
  const unknown = [...names].filter((name) => !isStatus(name));
  if (unknown.length > 0) throw new GuardianError('CSV_LAYOUT', `Expected a status of ${STATUSES.join(', ')}; got ${unknown.join(', ')}.`);
  return known;
}

const isStatus = (name: string): name is Status => (STATUSES as readonly string[]).includes(name);

function addCell(cells: Map<string, Cell>, { kind, name, dimensions = {} }: CountedRow, count: number): void {
  const isCode = kind === 'auth_code';
  const status: Cell['status'] = isCode ? (name === '00' ? 'approved' : 'denied') : isStatus(name) ? name : '';
  const cell = { auth_code: isCode ? name : '', merchant_id: '', acquirer: '', ...dimensions };
  const key = [status, cell.auth_code, cell.merchant_id, cell.acquirer].join('\u001f');
  const before = cells.get(key)?.count ?? 0;
  cells.set(key, { status, ...cell, count: before + count, amount: 0 });
}

function windowOf(minute: number, sequence: number, read: Minute | undefined): ClosedWindow {
  const cells = [...(read?.cells.values() ?? [])];
  const total = cells.reduce((sum, cell) => sum + cell.count, 0);
  const state = read === undefined ? 'silent' : read.isIncomplete ? 'incomplete' : total > 0 ? 'observed' : 'zero';
  return { v: 1, sequence, minute, revision: 0, state, cells, late: 0, backfill: true, closed_at: minute + MINUTE_MS };
}

/** How reasons are worded: times are those of the file. */
interface Wording {
  readonly locale: Locale;
  readonly timeZone: string;
}

function wordingOf({ locale = 'en', timeZone = 'UTC' }: BacktestOptions, offsetMs: number): Wording {
  return { locale, timeZone: offsetMs === 0 ? 'UTC' : timeZone };
}

interface Shown {
  readonly timestamp: string;
  readonly isCode: boolean;
  readonly wording: Wording;
}

/** A minute of which a count could not be read: what is missing is neither none nor some. */
function notJudged(name: string, { timestamp, wording }: Shown): BacktestOutput {
  const reason = reasonText(wording.locale, { code: 'incomplete', params: {} }, wording);
  return { timestamp, score: 0, z: 0, decision: 0, status: name, reason, merchant_id: '', acquirer: '' };
}

function outputOf(
  name: string,
  { timestamp, isCode, wording }: Shown,
  scores: ReadonlyMap<string, MinuteScore>,
  open: readonly AnomalyEvent['anomaly'][],
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
  const reported = causes.length > 0 ? causes : isDecided ? open : [];
  const severity = SEVERITIES.find((one) => reported.some((anomaly) => anomaly.severity === one));
  return {
    timestamp,
    score: shown?.score ?? 0,
    z: shown?.z_score ?? 0,
    decision: isDecided ? 1 : 0,
    status: name,
    reason: reported
      .map(
        (anomaly) =>
          `${anomaly.type}: ${reasonsOf(anomaly)
            .map((reason) => reasonText(wording.locale, reason, wording))
            .join(', ')}`,
      )
      .join('; '),
    ...(severity === undefined ? {} : { severity }),
    ...placesOf(reported),
  };
}

/** The merchants and acquirers that anomalies name, as their node or as the slice that explains them. */
function placesOf(reported: readonly AnomalyEvent['anomaly'][]): { readonly merchant_id: string; readonly acquirer: string } {
  const named = (field: 'merchant_id' | 'acquirer'): string =>
    [...new Set(reported.map(({ node, slice }) => node[field] ?? slice[field] ?? ''))].filter((name) => name !== '').join(' ');
  return { merchant_id: named('merchant_id'), acquirer: named('acquirer') };
}

/** What happened, and why it is this severe. */
const reasonsOf = ({ reasons, severity_reason: why }: AnomalyEvent['anomaly']) => (why === undefined ? reasons : [...reasons, why]);

const NO_PLACE = { merchant_id: '', acquirer: '' };
