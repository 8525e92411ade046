import type { Stats } from '@transaction-guardian/contracts/stats.ts';
import type { MinuteRow } from '../../store/verbs/minute/read-minutes.ts';
import { MINUTE_MS } from '../../clock.ts';

export interface StreamTimeSettings {
  /** `window.live_within_s` of the configuration. */
  readonly liveWithinS: number;
  /** `window.late_s` of the configuration. */
  readonly lateS: number;
}

/** Where the stream stands. `now`: the event time that "the last hour" is counted back from, epoch milliseconds. */
export interface StreamTime {
  readonly state: Stats['stream'];
  readonly now: number | null;
  readonly lastMinute: number | null;
}

/** How long no source may be heard in a live stream, milliseconds: two minutes beyond the late window. */
export const quietLimitMs = ({ lateS }: Pick<StreamTimeSettings, 'lateS'>): number => lateS * 1000 + 2 * MINUTE_MS;

/** Judges the stream by its last closed minutes. A minute that was closed soon after it ended was live: then the wall clock is
 *  its "now", and a source that was not heard for `quietLimitMs` has stalled. Anything else is
 *  history or a replay, whose "now" moves with its data. `nowMs`: the wall clock. Pure. */
export function judgeStreamTime(
  last: Pick<MinuteRow, 'minute'> | null,
  lastHeard: Pick<MinuteRow, 'minute' | 'closed_at'> | null,
  nowMs: number,
  settings: StreamTimeSettings,
): StreamTime {
  if (last === null) return { state: 'empty', now: null, lastMinute: null };
  const heard = lastHeard ?? { minute: last.minute, closed_at: last.minute };
  const end = heard.minute + MINUTE_MS;
  const wasLive = Math.abs(heard.closed_at - end) <= settings.liveWithinS * 1000;
  if (!wasLive) return { state: 'replay', now: last.minute + MINUTE_MS, lastMinute: last.minute };
  const quietMs = nowMs - end;
  const isStalled = quietMs > quietLimitMs(settings);
  return { state: isStalled ? 'stalled' : 'live', now: nowMs, lastMinute: last.minute };
}
