import type { AnomalyEvent, AnomalyType } from '@transaction-guardian/contracts/anomaly.ts';
import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import { createCompany } from '../../src/simulate/company.ts';
import { createRandom, type Random } from '../../src/simulate/random.ts';
import { createDefaultDetector } from './data-files.ts';
import { simulatedWindows } from './simulated-windows.ts';

const START = Date.UTC(2026, 2, 2, 3);
const LEARN_DAYS = 5;
const CLEAN_DAYS = 4;
const DAY = 1440;
/** Minutes after its end for which a drift stays as it is: what was warned of has time to come. */
const AFTER = 75;
/** Minutes of the watched days at which drifts begin: morning, afternoon, evening; Saturday and Sunday. */
const STARTS = new Set([9 * 60, 14 * 60, 19 * 60, DAY + 10 * 60, 2 * DAY + 13 * 60]);
const SIZES = [4, 12, 40];

/** What drifts: the volume falls by a share, or a status grows by a factor above 1. */
interface Drift {
  readonly kind: 'volume' | 'denied' | 'failed' | 'reversed';
  readonly most: number;
  readonly minutes: number;
}

/** A warning and what followed. `lead`: minutes to the anomaly, null when none of its kind opened while the trial ran. */
export interface Warned {
  readonly of: Drift['kind'] | 'clean';
  readonly told: number;
  readonly lead: number | null;
}

export interface WarningRun {
  readonly warned: readonly Warned[];
  readonly cleanDays: number;
  /** Decays of the volume that were told, and those of them that were warned of before. */
  readonly crossed: number;
  readonly foreseen: number;
}

/** Plays a company that is learnt for five days, then four clean days, and from points of these a slow decay of the volume,
 *  one that need not reach the bar, and slow burns of denials, failures and reversals. */
export function runWarnings(seed: string): WarningRun {
  const random = createRandom(`warning/${seed}`);
  const company = createCompany({ seed, merchants: SIZES[random.below(SIZES.length)] ?? 12 });
  const minutes = (LEARN_DAYS + CLEAN_DAYS) * DAY;
  const windows = [...simulatedWindows({ seed, start: START, minutes, timeZone: 'America/Sao_Paulo', company, lateShare: 0 })];
  const detector = createDefaultDetector();
  const from = new Map<number, Uint8Array>();
  const events: AnomalyEvent[] = [];
  windows.forEach((window, index) => {
    if (STARTS.has(index - LEARN_DAYS * DAY)) from.set(index, detector.snapshot());
    const told = detector.step(window).events;
    if (index >= LEARN_DAYS * DAY) events.push(...told);
  });
  const runs = [...from].flatMap(([index, snapshot]) =>
    driftsOf(random).map((drift) => playDrift(windows, index, snapshot, drift, random)),
  );
  const crossed = runs.filter((run) => run.kind === 'volume' && run.opened !== null);
  return {
    warned: [...warnedIn(events, 'clean'), ...runs.flatMap((run) => run.warned)],
    cleanDays: CLEAN_DAYS,
    crossed: crossed.length,
    foreseen: crossed.filter((run) => run.warned.some(({ lead }) => lead !== null)).length,
  };
}

function driftsOf(random: Random): Drift[] {
  return [
    { kind: 'volume', most: 0.6, minutes: 90 + random.below(120) },
    { kind: 'volume', most: 0.4, minutes: 180 + random.below(120) },
    { kind: 'denied', most: 1 + 2 * random.next(), minutes: 90 + random.below(150) },
    { kind: 'failed', most: 2 + 6 * random.next(), minutes: 90 + random.below(150) },
    { kind: 'reversed', most: 1 + 3 * random.next(), minutes: 90 + random.below(150) },
  ];
}

function playDrift(windows: readonly ClosedWindow[], index: number, snapshot: Uint8Array, drift: Drift, random: Random) {
  const detector = createDefaultDetector(snapshot);
  const events: AnomalyEvent[] = [];
  for (let minute = 0; minute < drift.minutes + AFTER; minute++) {
    const window = windows[index + minute];
    if (window === undefined) break;
    events.push(...detector.step(drifting(window, drift, Math.min(1, minute / drift.minutes), random)).events);
  }
  const first = events.find(({ event, anomaly }) => event === 'opened' && FAULTS[drift.kind].includes(anomaly.type) && isUpper(anomaly));
  return { kind: drift.kind, warned: warnedIn(events, drift.kind), opened: first ?? null };
}

function drifting(window: ClosedWindow, { kind, most }: Drift, share: number, random: Random): ClosedWindow {
  const cells = window.cells.flatMap((cell): Cell[] => {
    if (kind === 'volume') {
      const count = random.binomial(cell.count, 1 - most * share);
      return count > 0 ? [{ ...cell, count }] : [];
    }
    return [cell.status === kind ? { ...cell, count: cell.count + random.poisson(cell.count * most * share) } : cell];
  });
  return { ...window, cells };
}

const FAULTS: Readonly<Record<Drift['kind'], readonly AnomalyType[]>> = {
  volume: ['low_volume', 'approval_rate_down', 'zero_transactions'],
  denied: ['denials_above_normal'],
  failed: ['failures_above_normal'],
  reversed: ['reversals_above_normal'],
};

const isUpper = ({ node }: AnomalyEvent['anomaly']): boolean => node.merchant_id === undefined;

/** The warnings of a run, each with the first anomaly of its own kind after it. */
function warnedIn(events: readonly AnomalyEvent[], of: Warned['of']): Warned[] {
  const opened = events.filter(({ event }) => event === 'opened');
  return opened.flatMap(({ anomaly }): Warned[] => {
    if (anomaly.type !== 'drift_warning') return [];
    const at = Date.parse(anomaly.detected_at);
    const next = opened.find(
      (other) => FAULTS.volume.includes(other.anomaly.type) && isUpper(other.anomaly) && Date.parse(other.anomaly.detected_at) > at,
    );
    const lead = next === undefined ? null : (Date.parse(next.anomaly.detected_at) - at) / MINUTE_MS;
    return [{ of, told: Number(anomaly.reasons[0]?.params['minutes']), lead }];
  });
}
