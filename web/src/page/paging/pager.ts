import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import { isHeld } from '../../live/held.ts';

/** Alerts that begin within this time are one page, milliseconds. */
const GATHER_MS = 2000;
/** After a page, what begins is gathered for so long: a storm is one page, and then a few. */
const STORM_MS = 30_000;

/** Whether an alert wakes somebody: critical, and nothing holds it back. */
export const isPaging = (alert: AlertView): boolean => alert.severity === 'critical' && !isHeld(alert);

export interface Pager {
  /** Looks at the alerts that fire now. `isLoaded`: they are those of the server, not of an empty page. */
  see(alerts: readonly AlertView[], isLoaded: boolean): void;
  stop(): void;
}

export interface PagerDeps {
  /** Reports alerts that began to page, once. */
  readonly page: (alerts: readonly AlertView[]) => void;
  readonly now: () => number;
  /** Calls back after so many milliseconds; returns what stops it. */
  readonly later: (work: () => void, ms: number) => () => void;
}

/** Makes what pages once for each alert that begins, becomes critical, or comes back from an acknowledgement or a silence. What
 *  fires when the page is opened is seen by whoever opens it. What was acknowledged or hidden before the page went out is left out. */
export function createPager({ page, now, later }: PagerDeps): Pager {
  let before: ReadonlySet<string> | null = null;
  let current: ReadonlyMap<string, AlertView> = new Map();
  const waiting = new Set<string>();
  let stopTimer: (() => void) | null = null;
  let quietUntil = 0;
  const flush = () => {
    stopTimer = null;
    const begun = [...waiting].flatMap((key) => current.get(key) ?? []);
    waiting.clear();
    if (begun.length === 0) return;
    quietUntil = now() + STORM_MS;
    page(begun);
  };
  return {
    see(alerts, isLoaded) {
      if (!isLoaded) return;
      current = new Map(alerts.filter(isPaging).map((alert) => [`${alert.fingerprint} ${alert.starts_at}`, alert]));
      if (before !== null) for (const key of current.keys()) if (!before.has(key)) waiting.add(key);
      before = new Set(current.keys());
      if (waiting.size > 0 && stopTimer === null) stopTimer = later(flush, Math.max(GATHER_MS, quietUntil - now()));
    },
    stop() {
      stopTimer?.();
      stopTimer = null;
    },
  };
}
