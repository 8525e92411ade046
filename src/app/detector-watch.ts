import type { SelfFinding } from '../alert/self-anomaly.ts';
import { MINUTE_MS } from '../clock.ts';
import type { Judgement } from '../read/judgement.ts';

/** A start with a backlog is behind for seconds: only what lasts this long is reported. */
const LASTS_MS = MINUTE_MS;
/** A detector that has been blind this many times as long as is tolerated is as bad as an outage. */
const CRITICAL_TIMES = 5;

/** Makes the check of `detector_behind` from how far the detector is. `catching_up` neither begins nor ends it. `now`: wall
 *  clock, epoch milliseconds. `standsStill`: detection makes no progress, as the main thread reports. */
export function createDetectorCheck(
  judgement: () => Promise<Judgement>,
  now: () => number,
  behindAfterMinutes: number,
  standsStill: () => boolean,
): () => Promise<SelfFinding | 'clear' | 'hold'> {
  let seenAt: number | null = null;
  return async () => {
    const { state, until, minutesBehind } = await judgement();
    // That detection stands still is reported by an alert of its own: one cause, one alert.
    if (state === 'catching_up' || standsStill()) return 'hold';
    if (state !== 'behind') {
      seenAt = null;
      return 'clear';
    }
    seenAt ??= now();
    const lastedMs = now() - seenAt;
    if (lastedMs < LASTS_MS) return 'hold';
    const toleratedMs = behindAfterMinutes * MINUTE_MS;
    const reason =
      until === null
        ? { code: 'detector_behind_all', params: {} }
        : { code: 'detector_behind', params: { until: new Date(until).toISOString(), minutes: minutesBehind } };
    return {
      // It is called behind once something has waited for as long as is tolerated.
      since: seenAt - toleratedMs,
      severity: lastedMs + toleratedMs >= CRITICAL_TIMES * toleratedMs ? 'critical' : 'warning',
      minutes: minutesBehind,
      limit: behindAfterMinutes,
      reason,
    };
  };
}
