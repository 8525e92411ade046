import type { LifecycleMinute } from './lifecycle-minute.ts';
import type { Episode } from './episode.ts';
import { askMerchants } from './merchant-answers.ts';
import type { MerchantAnswer } from '../series/elsewhere.ts';
import { countZ } from '../evidence/evidence.ts';
import { scaleFast } from '../series/level.ts';
import { OWN_CAUSE_TIMES } from './own-cause.ts';
import { scaleExpected } from '../evidence/row-minute.ts';
import { EXPECTED, kindOfGroup, RING, rowOf, type SeriesStore, SPREAD, STRIDE, valueOf } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { recent, type Signal } from '../series/signal.ts';

/** Merchants that expect at most so many times what a merchant does are its peers: their levels remember as long. */
const PEER_TIMES = 2;
const PEERS_LEAST = 5;
/** Merchants have fallen together when so little of what they expect came, beyond so many standard deviations. */
const FALLEN = 0.85;
const FALLEN_Z = 5;
/** Part of what all merchants miss that an acquirer must miss to be the cause. */
const CAUSE_SHARE = 0.5;
/** Part of the traffic that must have a merchant for the merchants to speak for the fleet. */
const COVERED = 0.9;

/** True when the fall of a part is that of everybody, which the fleet does not show. The level of a large volume follows a slow decay
 *  down, so that little seems to be missing; small merchants remember for longer, and together they know better. */
export function isFallOfAll(
  store: SeriesStore,
  open: readonly Episode[],
  scope: number,
  { family, run }: Signal,
  minute: LifecycleMinute,
): boolean {
  if (family !== 'volume' || open.some((episode) => episode.scope === 0 && episode.family === 'volume')) return false;
  const isMerchant = kindOfGroup(store, scope) === 'merchant';
  const most = isMerchant ? PEER_TIMES * valueOf(store, rowOf(scope, ''), EXPECTED) : Number.POSITIVE_INFINITY;
  const told = new Set(open.map((episode) => episode.scope));
  const runs = [RING, Math.min(run, RING)];
  const known = askMerchants(store, { about: 'totals', minute: minute.number, runs, most, age: SETTINGS.learningMinutes });
  const peers = known.filter(({ group }) => group !== scope && !told.has(group));
  if (peers.length < PEERS_LEAST) return false;
  const all = sumOf(peers, 0);
  const spread = Math.max(1, valueOf(store, 0, SPREAD)) + all.expected * SETTINGS.modelError ** 2;
  if (all.observed > FALLEN * all.expected || countZ(all.observed, all.expected, spread) > -FALLEN_Z) return false;
  const own = totalOf(store, scope, minute.number, Math.min(run, RING));
  if (!isMerchant) {
    const last = totalOf(store, scope, minute.number, RING);
    return last.expected - last.observed < CAUSE_SHARE * (all.expected - all.observed);
  }
  const lately = sumOf(peers, 1);
  return own.observed / own.expected > lately.observed / lately.expected / OWN_CAUSE_TIMES;
}

/** Takes the fast levels of the fleet, which have followed a fall, up to what its merchants expect together. */
export function raiseToParts(store: SeriesStore, minute: number): void {
  const all = { about: 'totals', minute, runs: [RING], most: Number.POSITIVE_INFINITY, age: 0 } as const;
  const parts = sumOf(askMerchants(store, all), 0);
  const whole = recent(store, 0, minute, RING);
  if (parts.observed < COVERED * whole.observed || parts.expected <= whole.expected) return;
  for (const row of [rowOf(0, ''), rowOf(0, 'approved')]) {
    scaleFast(store.values, row * STRIDE, parts.expected / whole.expected);
    scaleExpected(store.values, row * STRIDE, parts.expected / whole.expected);
  }
}

interface Sum {
  readonly observed: number;
  readonly expected: number;
}

/** Sum of the totals of merchants in one of the runs that they were asked about. */
function sumOf(answers: readonly MerchantAnswer[], run: number): Sum {
  const sum = { observed: 0, expected: 0 };
  for (const { figures } of answers) {
    sum.observed += figures[2 * run] ?? 0;
    sum.expected += figures[2 * run + 1] ?? 0;
  }
  return { ...sum, expected: Math.max(1e-9, sum.expected) };
}

function totalOf(store: SeriesStore, group: number, minute: number, minutes: number): Sum {
  const { observed, expected } = recent(store, rowOf(group, ''), minute, minutes);
  return { observed, expected: Math.max(1e-9, expected) };
}
