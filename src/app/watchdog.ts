import type { HealthFact } from '@transaction-guardian/contracts/health-reason.ts';
import type { Clock } from '../clock.ts';
import { PIPELINE_PARTS, type PipelinePart, type PulseView } from './pulse.ts';

/** That detection does not get on: for how long, and what holds it up. */
export interface Standstill {
  readonly forMs: number;
  /** Undefined while nothing stands still. */
  readonly reason: HealthFact | undefined;
}

/** What is known of the thread beside its pulse. */
interface WatchedState {
  readonly isReady: boolean;
  readonly away?: HealthFact | undefined;
  readonly waitsFor?: number | undefined;
}

export interface Watchdog {
  /** A new thread begins: what the last one showed is not compared with it. Standing still goes on until it gets on. */
  begin(): void;
  /** Takes a look; call it about once a second. `view` undefined: no thread is there. `isReady`: it has said that it works.
   *  `away`: why there is none, or why it is not ready. `waitsFor`: the shard for whose reply the thread waits, within its time: that it
   *  stands is not its own doing. */
  look(view: PulseView | undefined, state: WatchedState): void;
  /** The longest standstill, over all threads since something last got on. */
  standstill(): Standstill;
  /** The longest standstill of the thread that lives now; only of its event loop while it starts and may read for long. */
  ofThread(only?: 'loop'): Standstill;
}

/** A pause of this thread, or of the whole machine, is nobody's standstill: a look counts for at most so long. */
const LOOK_MS = 2000;

/** A standstill that was reported is over when the thread has got on for so long: one that works for a moment and hangs or dies again
 *  has ended nothing, and is reported once. */
const OVER_MS = 5000;

const LOOP = 'loop';
type Item = PipelinePart | typeof LOOP;
const ITEMS: readonly Item[] = [LOOP, ...PIPELINE_PARTS];

/** Judges progress, not life: the event loop must turn, and a part that has work must finish some of it. Waiting for work is
 *  progress when it lasts from one look to the next. `tellMs`: a standstill of this length is notified. */
export function createWatchdog(clock: Clock, tellMs: number): Watchdog {
  const total = new Map<Item, number>();
  const ofLife = new Map<Item, number>();
  /** How long an item has got on without a break. */
  const steady = new Map<Item, number>();
  let before: PulseView | undefined;
  let lookedAt: number | undefined;
  let away: HealthFact | undefined;
  let waitsFor: number | undefined;

  function count(item: Item, hasGotOn: boolean, elapsed: number): void {
    ofLife.set(item, hasGotOn ? 0 : (ofLife.get(item) ?? 0) + (waitsFor === undefined ? elapsed : 0));
  }

  function countOverLives(item: Item, hasGotOn: boolean, elapsed: number): void {
    const still = total.get(item) ?? 0;
    const since = hasGotOn ? (steady.get(item) ?? 0) + elapsed : 0;
    steady.set(item, since);
    if (!hasGotOn) total.set(item, still + elapsed);
    else if (still < tellMs || since >= OVER_MS) total.set(item, 0);
  }

  const worst = (sums: ReadonlyMap<Item, number>, items: readonly Item[]): Standstill => {
    let longest: Item = LOOP;
    for (const item of items) if ((sums.get(item) ?? 0) > (sums.get(longest) ?? 0)) longest = item;
    const forMs = sums.get(longest) ?? 0;
    return { forMs, reason: forMs === 0 ? undefined : reasonOf(longest, before?.parts, away, waitsFor) };
  };

  return {
    begin() {
      before = undefined;
      ofLife.clear();
    },
    look(view, state) {
      const now = clock.monotonic();
      const elapsed = Math.min(now - (lookedAt ?? now), LOOK_MS);
      lookedAt = now;
      away = state.away;
      waitsFor = state.waitsFor;
      const turns = view !== undefined && view.beats !== before?.beats;
      count(LOOP, turns, elapsed);
      // The first turns of a thread that only starts again judge nothing.
      countOverLives(LOOP, turns && state.isReady && before !== undefined, elapsed);
      for (const part of PIPELINE_PARTS) {
        const isOn = state.isReady && hasGotOn(part, before, view);
        count(part, isOn, elapsed);
        countOverLives(part, isOn, elapsed);
      }
      // A start is not the parts' doing.
      if (!state.isReady) for (const part of PIPELINE_PARTS) ofLife.set(part, 0);
      before = view;
    },
    standstill: () => worst(total, ITEMS),
    ofThread: (only) => worst(ofLife, only === undefined ? ITEMS : [LOOP]),
  };
}

function hasGotOn(part: PipelinePart, before: PulseView | undefined, view: PulseView | undefined): boolean {
  const now = view?.parts[part];
  const then = before?.parts[part];
  if (now === undefined || then === undefined) return false;
  return now.done !== then.done || (now.state === 'idle' && then.state === 'idle' && now.turns === then.turns);
}

function reasonOf(item: Item, parts: PulseView['parts'] | undefined, away: HealthFact | undefined, shard?: number): HealthFact {
  if (away !== undefined) return away;
  if (shard !== undefined) return { code: 'self_shard', params: { shard } };
  if (item === LOOP) return { code: 'self_hang', params: {} };
  return { code: parts?.[item].state === 'failing' ? 'self_failing' : 'self_unfinished', params: { part: item } };
}
