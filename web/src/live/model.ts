import type { Session } from '@transaction-guardian/contracts/access.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { FeedbackMark } from '@transaction-guardian/contracts/feedback.ts';
import type { AnomalyView, MinuteBand, RunbookProgress } from '@transaction-guardian/contracts/read.ts';
import type { Health, MerchantRow, SeriesPoint, Stats } from '@transaction-guardian/contracts/stats.ts';
import { NO_MARKS, type FeedbackMarks, type VerdictMark, type Own } from './feedback-marks.ts';

/** Hours of chart that can be chosen. */
export const RANGES_H = [1, 3, 12, 24] as const;
export type RangeHours = (typeof RANGES_H)[number];

/** One minute of the chart; `at` is its start, epoch milliseconds. */
export type MinutePoint = Omit<SeriesPoint, 'minute'> & { readonly at: number };

/** How the page stands with the server. `since`: when that began, the page's clock. */
export interface ServerConnection {
  readonly phase: 'connecting' | 'open' | 'lost' | 'starting';
  readonly since: number;
  /** When anything was last heard from the server, the page's clock; 0 before the first. */
  readonly heardAt: number;
}

export interface LiveState {
  readonly session: 'unknown' | 'ok' | 'required' | 'expired';
  /** Who acts in this browser; null before it is known. */
  readonly actor: NonNullable<Session['actor']> | null;
  readonly connection: ServerConnection;
  /** True once the first load has come. */
  readonly loaded: boolean;
  readonly loadError: string | null;
  readonly stats: Stats | null;
  /** When they came, the page's clock; 0 before the first. */
  readonly statsAt: number;
  /** `at`: when it was read, the page's clock. */
  readonly health: { readonly value: Health; readonly at: number } | null;
  /** Oldest first, one point a minute, never more than a day. */
  readonly points: readonly MinutePoint[];
  /** Open ones first, then newest first. */
  readonly anomalies: readonly AnomalyView[];
  /** Firing ones only: those that notify, then the acknowledged, then the hidden ones; of each the worst first. */
  readonly alerts: readonly AlertView[];
  /** null until the first answer. */
  readonly merchants: readonly MerchantRow[] | null;
  readonly range: RangeHours;
  /** What people say of anomalies. */
  readonly feedback: FeedbackMarks;
  /** What is expected after the newest minute; null when it is not known. */
  readonly forecast: Forecast | null;
  /** The newest report of runs of runbooks, by run; the oldest are let go. */
  readonly runs: ReadonlyMap<string, RunbookProgress>;
}

export interface LiveSnapshot {
  readonly stats: Stats;
  readonly points: readonly SeriesPoint[];
  readonly anomalies: readonly AnomalyView[];
  readonly alerts: readonly AlertView[];
  /** null when the server did not answer. */
  readonly health: Health | null;
}

export type LiveAction =
  | { readonly type: 'session'; readonly session: LiveState['session'] }
  | { readonly type: 'connection'; readonly phase: ServerConnection['phase']; readonly now: number }
  | { readonly type: 'actor'; readonly actor: LiveState['actor'] }
  | { readonly type: 'heard'; readonly now: number }
  | { readonly type: 'snapshot'; readonly snapshot: LiveSnapshot; readonly now: number }
  | { readonly type: 'load_failed'; readonly message: string }
  | { readonly type: 'health'; readonly health: Health; readonly now: number }
  | { readonly type: 'merchants'; readonly merchants: readonly MerchantRow[] }
  | { readonly type: 'forecast'; readonly forecast: Forecast | null }
  | { readonly type: 'range'; readonly range: RangeHours }
  | { readonly type: 'series'; readonly points: readonly SeriesPoint[] }
  | { readonly type: 'window'; readonly point: SeriesPoint }
  | { readonly type: 'scores'; readonly bands: readonly MinuteBand[] }
  | { readonly type: 'anomaly'; readonly anomaly: AnomalyView }
  | { readonly type: 'alert'; readonly alert: AlertView }
  | { readonly type: 'feedback'; readonly actor: string; readonly marks: readonly VerdictMark[] }
  | { readonly type: 'feedback_mark'; readonly mark: FeedbackMark }
  | { readonly type: 'feedback_own'; readonly own: Own }
  | { readonly type: 'run'; readonly progress: RunbookProgress }
  | { readonly type: 'stats'; readonly stats: Stats };

export const INITIAL_STATE: LiveState = {
  session: 'unknown',
  actor: null,
  connection: { phase: 'connecting', since: 0, heardAt: 0 },
  loaded: false,
  loadError: null,
  stats: null,
  statsAt: 0,
  health: null,
  points: [],
  anomalies: [],
  alerts: [],
  merchants: null,
  range: 3,
  feedback: NO_MARKS,
  forecast: null,
  runs: new Map(),
};
