import type { Stats } from '@transaction-guardian/contracts/stats.ts';
import { MINUTE_MS } from '../clock.ts';
import type { JudgedMinutes } from '../store/verbs/detector/read-judged.ts';
import type { StreamTime } from './stream/stream-time.ts';

/** What is known of the way from accepted records to judged minutes. Epoch milliseconds. */
export interface JudgementFacts {
  readonly stream: StreamTime;
  readonly judged: JudgedMinutes;
  /** A record has waited to be counted for longer than `behindMs`. */
  readonly recordsWait: boolean;
  /** Wall clock. */
  readonly now: number;
}

export interface JudgementSettings {
  /** Longest wait, wall clock, that is not `behind`. */
  readonly behindMs: number;
  /** How long a live minute may stay open after its end: `window.late_s`. */
  readonly lateMs: number;
}

/** How far the detector is. `until`: end of the newest judged minute, event time. */
export interface Judgement {
  readonly state: Stats['judged'];
  readonly until: number | null;
  /** Whole minutes of event time that wait for the detector. */
  readonly minutesBehind: number;
  /** Closed minutes that wait for the detector. */
  readonly closedWaiting: number;
}

/** Closed minutes that wait in passing: one closes while the one before is judged. */
const IN_PASSING = 2;

/** Says whether what the product shows has been judged. `behind`: a record or a closed minute has waited longer than
 *  `behindMs`; of a live stream also: the wall clock is that far past the newest judged minute. `catching_up`: minutes wait,
 *  none for that long. Only `current` may be shown as healthy. Pure. */
export function judgeProgress({ stream, judged, recordsWait, now }: JudgementFacts, settings: JudgementSettings): Judgement {
  const last = stream.lastMinute;
  if (last === null) return { state: recordsWait ? 'behind' : 'nothing', until: null, minutesBehind: 0, closedWaiting: 0 };
  const until = judged.last === null ? null : judged.last + MINUTE_MS;
  const closedWaiting = judged.waiting === null ? 0 : (last - judged.waiting.minute) / MINUTE_MS + 1;
  const waitedMs = judged.waiting === null ? 0 : now - judged.waiting.closedAt;
  // A minute of a live stream is due when it has ended and its late records have had their time.
  const dueMs = stream.state === 'live' && until !== null ? now - until - MINUTE_MS - settings.lateMs : 0;
  const minutesBehind = Math.max(closedWaiting, dueMs > 0 && until !== null ? Math.floor((now - until) / MINUTE_MS) : 0);
  if (recordsWait || waitedMs > settings.behindMs || dueMs > settings.behindMs)
    return { state: 'behind', until, minutesBehind, closedWaiting };
  if (until === null || closedWaiting > IN_PASSING || dueMs > IN_PASSING * MINUTE_MS)
    return { state: 'catching_up', until, minutesBehind, closedWaiting };
  return { state: 'current', until, minutesBehind, closedWaiting };
}
