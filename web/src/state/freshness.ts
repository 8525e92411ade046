import type { State } from './model.ts';

/** A connection that was quiet for this long is shown as lost; the server speaks at least every 15 s. */
export const QUIET_LIMIT_MS = 40_000;
/** The numbers turn grey when the connection has been lost for longer than this. */
export const LOST_GRACE_MS = 10_000;

export type Badge = 'connecting' | 'lost' | 'empty' | 'stalled' | 'learning' | 'replay' | 'live';

/** What may be believed right now. `ageMs`: age of the data when `isStale`. */
export interface Freshness {
  readonly badge: Badge;
  readonly isStale: boolean;
  readonly ageMs: number;
}

/** Time of the stream, epoch milliseconds: a fast replay sends minutes before the stats that count them. `now`: the page's
 *  clock, for a live stream and before the first data. */
export function streamTime({ stats, points }: Pick<State, 'stats' | 'points'>, now: number): number {
  if (stats?.stream_now == null) return now;
  const newest = points.at(-1);
  const said = Date.parse(stats.stream_now);
  return stats.stream === 'replay' && newest !== undefined ? Math.max(said, newest.at + 60_000) : said;
}

/** Judges the state at `now` (the page's clock, epoch milliseconds). Old data are never shown as fresh:
 *  they are stale when the stream has stalled, or the connection has been lost for more than 10 s. */
export function judgeFreshness(state: State, now: number): Freshness {
  const { connection, stats } = state;
  const quietMs = connection.heardAt === 0 ? 0 : Math.max(0, now - connection.heardAt);
  const isLost = connection.phase === 'lost' || (connection.phase === 'open' && quietMs > QUIET_LIMIT_MS);
  if (isLost) {
    const lostMs = connection.phase === 'lost' ? Math.max(0, now - connection.since) : quietMs;
    return { badge: 'lost', isStale: lostMs > LOST_GRACE_MS, ageMs: quietMs };
  }
  if (stats === null) return { badge: 'connecting', isStale: false, ageMs: 0 };
  if (stats.stream === 'stalled') {
    const lastMs = stats.last_minute === null ? now : Date.parse(stats.last_minute);
    return { badge: 'stalled', isStale: true, ageMs: Math.max(0, now - lastMs) };
  }
  if (stats.stream === 'empty') return { badge: 'empty', isStale: false, ageMs: 0 };
  if (stats.learning) return { badge: 'learning', isStale: false, ageMs: 0 };
  return { badge: stats.stream, isStale: false, ageMs: 0 };
}
