import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATUSES } from '@transaction-guardian/contracts/status.ts';
import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import type { BacktestOutput } from '../../src/backtest/backtest-output.ts';
import { createDefaultDetector, judgeRows, readDataRows, rowTime, type MakeDetector } from './data-files.ts';
import { scoreWindows, type LabelledWindow, type WindowScore } from './score-windows.ts';
import { windowOf } from './counts-stream.ts';
import { UNCHANGED, type Transform } from './transform.ts';
import { MINUTE_MS } from '../../src/clock.ts';

const DAY_MS = 86_400_000;

/** A labelled window; start and end in minutes since the start of the stream. */
interface Label {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly required: boolean;
  readonly statuses: readonly string[];
  readonly auth?: readonly string[];
}

/** Which of the names of a window were reported: of its statuses other than approved, or of its codes. */
export interface Naming {
  readonly id: string;
  readonly wanted: readonly string[];
  /** Decided within the window, approved left out. */
  readonly told: readonly string[];
  /** At least one wanted name was reported, and none that is not wanted. */
  readonly isRight: boolean;
}

export interface CloudwalkRun {
  readonly rows: readonly BacktestOutput[];
  readonly score: WindowScore;
  readonly statuses: readonly Naming[];
}

/** Judges the labelled stream of `folder` by status, and scores it. */
export async function runCloudwalk(
  folder: string,
  transform: Transform = UNCHANGED,
  make: MakeDetector = createDefaultDetector,
): Promise<CloudwalkRun> {
  const { base, labels } = readLabels(folder, transform);
  const rows = await judgeRows(transform.apply(await readDataRows(join(folder, 'transactions.csv'))), make);
  const minuteOf = (text: string): number => (rowTime(text) - base) / MINUTE_MS;
  const windows = labels.map(({ start, end, statuses, ...label }): LabelledWindow => ({
    ...label,
    start,
    end,
    statuses: statuses.map(transform.rename),
  }));
  const judged = rows.map(({ timestamp, score, decision, status }) => ({ minute: minuteOf(timestamp), score, decision, status }));
  const wanted = windows.map((window) => ({ ...window, names: window.statuses.filter((name) => name !== 'approved') }));
  return { rows, score: scoreWindows(windows, judged), statuses: namingOf(wanted, judged, 'approved') };
}

/** Judges the same stream by auth code, and lists which codes were named in the windows that have a label of codes. */
export async function nameCodes(
  folder: string,
  transform: Transform = UNCHANGED,
  make: MakeDetector = createDefaultDetector,
): Promise<readonly Naming[]> {
  const { base, labels } = readLabels(folder, transform);
  const rows = await judgeRows(transform.apply(await readDataRows(join(folder, 'transactions_auth_codes.csv'))), make);
  const minuteOf = (text: string): number => (rowTime(text) - base) / MINUTE_MS;
  const judged = rows.map(({ timestamp, decision, status }) => ({ minute: minuteOf(timestamp), decision, status }));
  const windows = labels.flatMap(({ id, start, end, auth }) =>
    auth === undefined ? [] : [{ id, start, end, names: auth.map(transform.rename) }],
  );
  return namingOf(windows, judged, '00');
}

/** The labelled stream by status as closed minutes, and whether a minute (epoch milliseconds) lies in a labelled window. */
export async function cloudwalkWindows(
  folder: string,
): Promise<{ readonly windows: readonly ClosedWindow[]; readonly isLabelled: (minute: number) => boolean }> {
  const { labels } = readLabels(folder, UNCHANGED);
  const cells = new Map<number, Cell[]>();
  for (const row of await readDataRows(join(folder, 'transactions.csv'))) {
    if (row.kind === 'value') continue;
    const { timestamp, name, value } = row;
    const list = cells.get(timestamp) ?? [];
    const status = STATUSES.find((known) => known === name) ?? '';
    if (value > 0) list.push({ status, auth_code: '', merchant_id: '', acquirer: '', count: value, amount: 0 });
    cells.set(timestamp, list);
  }
  const windows = [...cells].toSorted(([a], [b]) => a - b).map(([minute, list], index) => windowOf(index + 1, minute, list));
  // The span of the labels begins with the first row, in whatever zone the file was read.
  const since = (minute: number): number => (minute - (windows[0]?.minute ?? 0)) / MINUTE_MS;
  return { windows, isLabelled: (minute) => labels.some(({ start, end }) => since(minute) >= start && since(minute) <= end) };
}

function readLabels(folder: string, transform: Transform): { readonly base: number; readonly labels: readonly Label[] } {
  const { transactions } = JSON.parse(readFileSync(join(folder, 'labels.json'), 'utf8')) as {
    transactions: { span: [string, string]; windows: (Omit<Label, 'start' | 'end'> & { start: string; end: string })[] };
  };
  const first = rowTime(transactions.span[0]);
  const minuteOf = (text: string): number => (rowTime(text) - first) / MINUTE_MS;
  const labels = transactions.windows.map((label) => ({ ...label, start: minuteOf(label.start), end: minuteOf(label.end) }));
  return { base: first + transform.days * DAY_MS, labels };
}

function namingOf(
  windows: readonly { readonly id: string; readonly start: number; readonly end: number; readonly names: readonly string[] }[],
  rows: readonly { readonly minute: number; readonly decision: number; readonly status: string }[],
  good: string,
): Naming[] {
  return windows.map(({ id, start, end, names: wanted }) => {
    const decided = rows.filter(({ minute, decision }) => decision > 0 && minute >= start && minute <= end);
    const told = [...new Set(decided.map(({ status }) => status))].filter((name) => name !== good).toSorted();
    return { id, wanted, told, isRight: told.length > 0 && told.every((name) => wanted.includes(name)) };
  });
}
