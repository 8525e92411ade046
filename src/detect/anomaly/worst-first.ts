import { isWorseThan } from './own-cause.ts';
import { statusOfSignal } from './reported.ts';
import { kindOfGroup, rowOf, type SeriesStore } from '../series/series-store.ts';
import { isAkin, type Signal } from '../series/signal.ts';

/** Signals of a minute by scope, in the order in which they are placed: the fleet, merchants that are clearly worse than every acquirer
 *  that shows the same (they broke, and the acquirer shows it), acquirers, other merchants (the acquirer broke, and they show it). */
export function worstFirst(store: SeriesStore, byScope: ReadonlyMap<number, Signal[]>, minute: number): [number, Signal[]][] {
  const acquirers = [...byScope].filter(([scope]) => kindOfGroup(store, scope) === 'acquirer');
  const isWorst = (signals: readonly Signal[]): boolean =>
    acquirers.length > 0 &&
    acquirers.every(([acquirer, others]) =>
      signals.some(
        (signal) =>
          others.every(({ row }) => !isAkin(store, row, signal.row)) ||
          isWorseThan(store, signal, rowOf(acquirer, statusOfSignal(store, signal)), minute),
      ),
    );
  const rank = ([scope, signals]: readonly [number, readonly Signal[]]): number => {
    if (scope === 0) return 0;
    if (kindOfGroup(store, scope) === 'acquirer') return 2;
    return isWorst(signals) ? 1 : 3;
  };
  return [...byScope]
    .map((entry) => ({ entry, place: rank(entry) }))
    .sort((a, b) => a.place - b.place || a.entry[0] - b.entry[0])
    .map(({ entry }) => entry);
}
