import type { LiveState } from './model.ts';

/** A connection that was quiet for this long is shown as lost; the server speaks at least every 15 s. */
export const QUIET_LIMIT_MS = 40_000;
/** The numbers turn grey when the connection has been lost for longer than this. */
export const LOST_GRACE_MS = 10_000;
/** A live stream has new numbers every minute: ones that are older say that nothing is judged any more. */
export const STATS_LIMIT_MS = 150_000;
/** Health is asked for every 15 s: an answer older than this is not known to be true. */
export const HEALTH_LIMIT_MS = 60_000;

export type Badge = 'connecting' | 'starting' | 'lost' | 'empty' | 'behind' | 'catching_up' | 'stalled' | 'learning' | 'replay' | 'live';

/** What may be believed right now. */
export interface Freshness {
  readonly badge: Badge;
  readonly isStale: boolean;
  /** Age of the data when `isStale`, milliseconds. */
  readonly ageMs: number;
  /** The detector has judged everything that is shown: only then may anything be green. */
  readonly isJudged: boolean;
  readonly progress: DetectorProgress;
}

/** How far the detector is. `until`: end of the newest judged minute, epoch milliseconds; null before the first. */
export interface DetectorProgress {
  readonly until: number | null;
  readonly minutesBehind: number;
}

/** Time of the stream, epoch milliseconds: a fast replay sends minutes before the stats that count them. `now`: the page's
 *  clock, for a live stream and before the first data. */
export function streamTime({ stats, points }: Pick<LiveState, 'stats' | 'points'>, now: number): number {
  if (stats?.stream_now == null) return now;
  const newest = points.at(-1);
  const said = Date.parse(stats.stream_now);
  return stats.stream === 'replay' && newest !== undefined ? Math.max(said, newest.at + 60_000) : said;
}

type Judged = Pick<LiveState, 'connection' | 'stats' | 'statsAt' | 'loaded'>;

/** Judges the state at `now` (the page's clock, epoch milliseconds). Old data are never shown as fresh: they are stale when
 *  the stream has stalled, or the connection has been lost for more than 10 s. What waits for the detector is never shown as
 *  healthy. */
export function judgeFreshness(state: Judged, now: number): Freshness {
  const { stats } = state;
  const progress = progressOf(state, now);
  const unjudged = (badge: Badge, isStale = false, ageMs = 0): Freshness => ({ badge, isStale, ageMs, isJudged: false, progress });
  const lost = lossOf(state, now);
  if (lost !== null) return unjudged(state.connection.phase === 'starting' ? 'starting' : 'lost', lost.forMs > LOST_GRACE_MS, lost.quietMs);
  if (stats === null || !state.loaded) return unjudged('connecting');
  if (isBehind(state, now)) return unjudged('behind');
  if (stats.stream === 'stalled') {
    // Minutes go on closing while nothing comes: the newest of them is of now.
    const last = stats.last_transaction_minute ?? stats.last_minute;
    const lastMs = last === null ? now : Date.parse(last);
    return unjudged('stalled', true, Math.max(0, now - lastMs));
  }
  if (stats.stream === 'empty') return unjudged('empty');
  if (stats.judged !== 'current') return unjudged('catching_up');
  if (stats.learning) return unjudged('learning');
  return { badge: stats.stream, isStale: false, ageMs: 0, isJudged: true, progress };
}

/** How long the connection has been lost and nothing was heard, milliseconds; null while it stands. */
function lossOf({ connection }: Judged, now: number): { readonly forMs: number; readonly quietMs: number } | null {
  const quietMs = connection.heardAt === 0 ? 0 : Math.max(0, now - connection.heardAt);
  if (connection.phase === 'lost' || connection.phase === 'starting') return { forMs: Math.max(0, now - connection.since), quietMs };
  return connection.phase === 'open' && quietMs > QUIET_LIMIT_MS ? { forMs: quietMs, quietMs } : null;
}

const areStatsOld = ({ stats, statsAt }: Judged, now: number): boolean => stats?.stream === 'live' && now - statsAt > STATS_LIMIT_MS;

const isBehind = (state: Judged, now: number): boolean => state.stats?.judged === 'behind' || areStatsOld(state, now);

function progressOf(state: Judged, now: number): DetectorProgress {
  const { stats, statsAt } = state;
  if (stats === null) return { until: null, minutesBehind: 0 };
  const since = areStatsOld(state, now) ? Math.floor((now - statsAt) / 60_000) : 0;
  return { until: stats.judged_until === null ? null : Date.parse(stats.judged_until), minutesBehind: stats.minutes_behind + since };
}

/** Whether the program itself is well: `unknown` before the first answer and when the last one is old. */
export function healthAt(health: LiveState['health'], now: number): 'healthy' | 'starting' | 'degraded' | 'unhealthy' | 'unknown' {
  return health === null || now - health.at > HEALTH_LIMIT_MS ? 'unknown' : health.value.status;
}
