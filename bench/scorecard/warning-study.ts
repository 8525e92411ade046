import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { Status } from '@transaction-guardian/contracts/status.ts';
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

/** What drifts: the volume falls by a share, or a status grows by a factor above 1; of all, or of one acquirer. */
interface Drift {
  readonly kind: WarnedKind;
  readonly most: number;
  readonly minutes: number;
  readonly acquirer?: string;
}

/** What a warning is about. */
export type WarnedKind = keyof typeof FAULTS;

/** A warning and what followed. `lead`: minutes to the anomaly, null when none of its kind opened while the trial ran. */
export interface Warned {
  readonly of: 'drift' | 'clean';
  readonly scope: 'fleet' | 'acquirer';
  readonly kind: WarnedKind;
  readonly told: number;
  readonly lead: number | null;
}

/** A drift that was reported, and whether it was warned of before. */
export interface Crossed {
  readonly scope: Warned['scope'];
  readonly kind: WarnedKind;
  readonly isForeseen: boolean;
}

export interface WarningRun {
  readonly warned: readonly Warned[];
  readonly cleanDays: number;
  readonly crossed: readonly Crossed[];
}

/** Minutes within which a warning must come true. */
const WITHIN_MINUTES = 60;

/** The warnings that were right. */
export const confirmedOf = (warned: readonly Warned[]): Warned[] => warned.filter(({ lead }) => lead !== null && lead <= WITHIN_MINUTES);

const FAULTS = {
  volume: ['low_volume', 'approval_rate_down', 'zero_transactions'],
  denied: ['denials_above_normal'],
  failed: ['failures_above_normal'],
  reversed: ['reversals_above_normal'],
  backend_reversed: ['reversals_above_normal'],
  refunded: ['reversals_above_normal'],
} as const satisfies Partial<Record<Status | 'volume', readonly AnomalyType[]>>;

/** Plays a company that is learnt for five days, then four clean days, and from points of these slow decays of the volume, some
 *  of which need not reach the threshold, and sustained rises of every adverse status, of all or of one acquirer. */
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
  const more = createRandom(`warning/${seed}/more`);
  const runs = [...from].flatMap(([index, snapshot]) => [
    ...driftsOf(random).map((drift) => playDrift(windows, index, snapshot, drift, random)),
    ...moreDriftsOf(more, company.acquirers).map((drift) => playDrift(windows, index, snapshot, drift, more)),
  ]);
  return {
    warned: [...warnedIn(events, 'clean'), ...runs.flatMap((run) => run.warned)],
    cleanDays: CLEAN_DAYS,
    crossed: runs.flatMap((run) => run.crossed ?? []),
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

function moreDriftsOf(random: Random, acquirers: readonly string[]): Drift[] {
  const acquirer = acquirers[random.below(acquirers.length)] ?? '';
  return [
    { kind: 'denied', most: 0.4 + 0.6 * random.next(), minutes: 90 + random.below(150) },
    { kind: 'backend_reversed', most: 2 + 6 * random.next(), minutes: 90 + random.below(150) },
    { kind: 'refunded', most: 1 + 3 * random.next(), minutes: 90 + random.below(150) },
    { kind: 'volume', most: 0.6, minutes: 90 + random.below(120), acquirer },
    { kind: 'denied', most: 1 + 2 * random.next(), minutes: 90 + random.below(150), acquirer },
    { kind: 'failed', most: 2 + 6 * random.next(), minutes: 90 + random.below(150), acquirer },
    { kind: 'reversed', most: 1 + 3 * random.next(), minutes: 90 + random.below(150), acquirer },
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
  const scope = drift.acquirer === undefined ? 'fleet' : 'acquirer';
  const first = openedAfter(events, drift.kind, undefined, 0);
  const warned = warnedIn(events, 'drift');
  const isForeseen = warned.some(({ kind, lead }) => kind === drift.kind && lead !== null);
  const crossed: Crossed | null = first === null ? null : { scope, kind: drift.kind, isForeseen };
  return { warned, crossed };
}

function drifting(window: ClosedWindow, { kind, most, acquirer }: Drift, share: number, random: Random): ClosedWindow {
  const cells = window.cells.flatMap((cell): Cell[] => {
    if (acquirer !== undefined && cell.acquirer !== acquirer) return [cell];
    if (kind === 'volume') {
      const count = random.binomial(cell.count, 1 - most * share);
      return count > 0 ? [{ ...cell, count }] : [];
    }
    return [cell.status === kind ? { ...cell, count: cell.count + random.poisson(cell.count * most * share) } : cell];
  });
  return { ...window, cells };
}

/** Epoch milliseconds of the first anomaly of a kind after a time; of an acquirer: there or in the fleet, never of a merchant. */
function openedAfter(events: readonly AnomalyEvent[], kind: WarnedKind, acquirer: string | undefined, timeMs: number): number | null {
  const types: readonly AnomalyType[] = FAULTS[kind];
  const found = events.find(({ event, anomaly: { type, node, detected_at } }) => {
    const isThere = node.merchant_id === undefined && (acquirer === undefined || (node.acquirer ?? acquirer) === acquirer);
    return event === 'opened' && isThere && types.includes(type) && Date.parse(detected_at) > timeMs;
  });
  return found === undefined ? null : Date.parse(found.anomaly.detected_at);
}

/** The warnings of a run, each with the first anomaly of its own kind after it. */
function warnedIn(events: readonly AnomalyEvent[], of: Warned['of']): Warned[] {
  return events.flatMap(({ event, anomaly }): Warned[] => {
    if (event !== 'opened' || anomaly.type !== 'drift_warning') return [];
    const { status = 'approved', acquirer } = anomaly.node;
    const kind = status in FAULTS ? (status as WarnedKind) : 'volume';
    const at = Date.parse(anomaly.detected_at);
    const next = openedAfter(events, kind, acquirer, at);
    const told = Number(anomaly.reasons[0]?.params['minutes']);
    return [{ of, scope: acquirer === undefined ? 'fleet' : 'acquirer', kind, told, lead: next === null ? null : (next - at) / MINUTE_MS }];
  });
}
