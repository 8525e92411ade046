import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { MinuteBand } from '@transaction-guardian/contracts/read.ts';
import type { SeriesPoint } from '@transaction-guardian/contracts/stats.ts';
import { applyMark, setOwn } from './feedback-marks.ts';
import { heldRank } from './held.ts';
import { SEVERITY_RANK } from './severity.ts';
import type { LiveAction, MinutePoint, LiveState } from './model.ts';

const MINUTE_MS = 60_000;
const MAX_POINTS = 24 * 60;
const MAX_ANOMALIES = 300;
const MAX_RUNS = 50;

/** Next state of the page. Pure; applying an event twice, or an older one after a newer one, changes nothing. */
export function reduce(state: LiveState, action: LiveAction): LiveState {
  switch (action.type) {
    case 'session':
      return { ...state, session: action.session };
    case 'actor':
      return { ...state, actor: action.actor };
    case 'connection':
      return connect(state, action.phase, action.now);
    case 'heard':
      return { ...state, connection: { ...state.connection, heardAt: action.now } };
    case 'snapshot':
      return {
        ...state,
        session: 'ok',
        loaded: true,
        loadError: null,
        stats: action.snapshot.stats,
        statsAt: action.now,
        health: action.snapshot.health === null ? state.health : { value: action.snapshot.health, at: action.now },
        points: mergePoints(state.points, action.snapshot.points),
        anomalies: action.snapshot.anomalies.reduce(upsertAnomaly, [] as LiveState['anomalies']),
        alerts: action.snapshot.alerts.reduce(upsertAlert, [] as LiveState['alerts']),
        connection: { ...state.connection, heardAt: action.now },
      };
    case 'load_failed':
      return { ...state, loadError: action.message };
    case 'health':
      return { ...state, health: { value: action.health, at: action.now } };
    case 'merchants':
      return { ...state, merchants: action.merchants };
    case 'forecast':
      return { ...state, forecast: action.forecast };
    case 'range':
      return { ...state, range: action.range };
    case 'series':
      return { ...state, points: mergePoints(state.points, action.points) };
    case 'window':
      return { ...state, points: upsertPoint(state.points, toPoint(action.point)) };
    case 'scores':
      return { ...state, points: applyBands(state.points, action.bands) };
    case 'anomaly':
      return { ...state, anomalies: upsertAnomaly(state.anomalies, action.anomaly) };
    case 'alert':
      return { ...state, alerts: upsertAlert(state.alerts, action.alert) };
    case 'feedback':
      return { ...state, feedback: { ...state.feedback, actor: action.actor, marks: action.marks } };
    case 'feedback_mark':
      return { ...state, feedback: applyMark(state.feedback, action.mark) };
    case 'feedback_own':
      return { ...state, feedback: setOwn(state.feedback, action.own) };
    case 'run':
      return { ...state, runs: new Map([...state.runs, [action.progress.id, action.progress] as const].slice(-MAX_RUNS)) };
    case 'stats':
      return { ...state, stats: action.stats, statsAt: state.connection.heardAt };
  }
}

function connect(state: LiveState, phase: LiveState['connection']['phase'], now: number): LiveState {
  if (state.connection.phase === phase) return state;
  const heardAt = phase === 'open' ? now : state.connection.heardAt;
  return { ...state, connection: { phase, since: now, heardAt } };
}

function toPoint({ minute, ...rest }: SeriesPoint): MinutePoint {
  return { ...rest, at: Date.parse(minute) };
}

/** Keeps a band that is known when a correction of the minute comes without one. */
function withBandOf(old: MinutePoint | undefined, next: MinutePoint): MinutePoint {
  if (old === undefined || next.expected !== null) return next;
  return {
    ...next,
    expected: old.expected,
    expected_low: old.expected_low,
    expected_high: old.expected_high,
    ml_score: old.ml_score,
    z_score: old.z_score,
  };
}

function upsertPoint(points: readonly MinutePoint[], next: MinutePoint): readonly MinutePoint[] {
  const last = points.at(-1);
  if (last === undefined || next.at > last.at) return trim([...points, next]);
  const index = points.findIndex((point) => point.at >= next.at);
  const found = points[index];
  return found?.at === next.at ? points.with(index, withBandOf(found, next)) : trim(points.toSpliced(index, 0, next));
}

function mergePoints(points: readonly MinutePoint[], loaded: readonly SeriesPoint[]): readonly MinutePoint[] {
  const byMinute = new Map(points.map((point) => [point.at, point]));
  for (const raw of loaded) {
    const point = toPoint(raw);
    byMinute.set(point.at, withBandOf(byMinute.get(point.at), point));
  }
  return trim([...byMinute.values()].sort((a, b) => a.at - b.at));
}

/** Drops what is older than a day before the newest minute. */
function trim(points: readonly MinutePoint[]): readonly MinutePoint[] {
  const newest = points.at(-1);
  if (newest === undefined) return points;
  const from = newest.at - (MAX_POINTS - 1) * MINUTE_MS;
  return points[0] !== undefined && points[0].at < from ? points.filter((point) => point.at >= from) : points;
}

function applyBands(points: readonly MinutePoint[], bands: readonly MinuteBand[]): readonly MinutePoint[] {
  const byMinute = new Map(bands.map(({ minute, ...band }) => [Date.parse(minute), band]));
  return points.map((point) => {
    const band = byMinute.get(point.at);
    return band === undefined ? point : { ...point, ...band };
  });
}

function upsertAnomaly(anomalies: LiveState['anomalies'], next: LiveState['anomalies'][number]): LiveState['anomalies'] {
  const old = anomalies.find((anomaly) => anomaly.id === next.id);
  const isOlder = old !== undefined && Date.parse(old.updated_at) > Date.parse(next.updated_at);
  if (isOlder || (old?.status === 'resolved' && next.status === 'open')) return anomalies;
  const others = old === undefined ? anomalies : anomalies.filter((anomaly) => anomaly.id !== next.id);
  const rank = (anomaly: typeof next) => (anomaly.status === 'open' ? 0 : 1);
  return [...others, next]
    .sort((a, b) => rank(a) - rank(b) || Date.parse(b.started_at) - Date.parse(a.started_at) || a.id.localeCompare(b.id))
    .slice(0, MAX_ANOMALIES);
}

function upsertAlert(alerts: readonly AlertView[], next: AlertView): readonly AlertView[] {
  const others = alerts.filter((alert) => alert.fingerprint !== next.fingerprint);
  if (next.status === 'resolved') return others;
  return [...others, next].sort(
    (a, b) =>
      heldRank(a) - heldRank(b) ||
      SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
      Date.parse(b.starts_at) - Date.parse(a.starts_at),
  );
}
