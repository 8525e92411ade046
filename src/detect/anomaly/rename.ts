import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { LifecycleMinute } from './lifecycle-minute.ts';
import { type Episode, type WatchedRow, CALM_ENOUGH, deviation, scopeOf } from './episode.ts';
import { countZ } from '../evidence/evidence.ts';
import { noFigures } from './figures.ts';
import { tailNats } from '../series/normal.ts';
import { at, atU8, EXPECTED, groupOfRow, NATS, nodeOfRow, rowOf, type SeriesStore, SPREAD, valueOf } from '../series/series-store.ts';
import { emptyRun, familyOfRow, recent, adverseType } from '../series/signal.ts';
import type { Family } from '../series/status-table.ts';

/** Part of the missing approved ones that an adverse status must account for to give the anomaly its name. */
const ADVERSE_SHARE = 0.6;
/** Times the evidence of the headline that another sign needs to take its place, minutes for which it must have them, and times with
 *  which it need not wait. */
const STRONGER_TIMES = 2;
const STRONGER_MINUTES = 2;
const FAR_STRONGER_TIMES = 4;

/** Minutes over which an adverse status accounts for what is missing. */
const NAMED_MINUTES = 5;

/** Minutes in which a zero must have had so many transactions, and so much of what was expected, to be a zero no longer. */
const SOME_MINUTES = 5;
const SOME = 3;
const SOME_SHARE = 0.05;

interface Name {
  readonly row: number;
  readonly family: Family;
  readonly type: AnomalyType;
}

/** Gives an open anomaly the name that its later minutes have earned: no transaction at all, or some again; an adverse status over the threshold that accounts for
 *  most of a fall; or the strongest of its signs, once it is clearly stronger than the one that names it. True when the name
 *  is another one. The id stays; `formerly` keeps the first name, and the peak is that of the new one. */
export function rename(store: SeriesStore, episode: Episode, minute: LifecycleMinute): boolean {
  if (minute.window.state === 'silent') return false;
  const { anomaly, family } = episode;
  const threshold = at(minute.thresholds, atU8(store.kinds, episode.scope));
  const isFall = family === 'volume' && anomaly.type !== 'zero_transactions' && anomaly.type !== 'no_data';
  const isAdverse = family === 'denial' || family === 'failure';
  const name =
    (anomaly.type === 'zero_transactions' ? someName(store, episode, minute.number) : null) ??
    (isFall ? (emptyName(store, episode, minute.number, threshold) ?? adverseName(store, episode, minute.number, threshold)) : null) ??
    (isFall || isAdverse ? strongestName(store, episode, threshold) : null);
  if (name === null) return false;
  const isRate = (type: AnomalyType): boolean => type === 'approval_rate_down';
  // A rate is a share of all: it is not compared with counts, though the row be the same.
  const isOther = name.row !== episode.row || isRate(name.type) !== isRate(anomaly.type);
  episode.formerly ??= { type: anomaly.type, node: anomaly.node };
  episode.row = name.row;
  episode.family = name.family;
  anomaly.type = name.type;
  anomaly.node = nodeOfRow(store, name.row);
  if (isOther) anomaly.peak = noFigures(anomaly.updated_at);
  delete episode.rival;
  // What has settled is reported by the first member.
  episode.members.sort((a, b) => Number(b.row === name.row) - Number(a.row === name.row));
  return true;
}

/** Adverse status of the scope that is some times as strong as the headline: for two minutes, or at once when it is far stronger. */
function strongestName(store: SeriesStore, episode: Episode, threshold: number): Name | null {
  const strength = (member: WatchedRow): number => deviation(store, member);
  const named = episode.members.filter(
    ({ row }) => row === episode.row || (episode.family === 'volume' && familyOfRow(store, row) === 'volume'),
  );
  const strongest = Math.max(0, ...named.map(strength));
  // What is over needs no other name.
  if (named.every(({ calm }) => calm >= CALM_ENOUGH)) return null;
  const now = Math.max(threshold, strongest);
  const rivals = adverseMembers(store, episode).filter(
    ({ row, burns }) => row !== episode.row && burns === undefined && valueOf(store, row, NATS) >= threshold,
  );
  const [rival] = rivals.map((member) => ({ row: member.row, nats: strength(member) })).sort((a, b) => b.nats - a.nats);
  if (rival === undefined || rival.nats < STRONGER_TIMES * now) {
    delete episode.rival;
    return null;
  }
  const minutes = episode.rival?.row === rival.row ? episode.rival.minutes + 1 : 1;
  episode.rival = { row: rival.row, minutes };
  if (minutes < STRONGER_MINUTES && rival.nats < FAR_STRONGER_TIMES * now) return null;
  return { row: rival.row, family: familyOfRow(store, rival.row), type: adverseType(store, rival.row) };
}

/** The name of a zero of which a part has come back, and not just a trickle. */
function someName(store: SeriesStore, { scope, row, quiet }: Episode, minute: number): Name | null {
  if (quiet > 0) return null;
  const { observed, expected } = recent(store, row, minute, SOME_MINUTES);
  if (emptyRun(store, row, minute) > 0 || observed < Math.max(SOME, SOME_SHARE * expected)) return null;
  return fallName(store, scope, minute, SOME_MINUTES);
}

/** What a fall of the volume of a group over the last `run` minutes is called: a volume that falls as a whole or only in its
 *  approved part are two different things. */
export function fallName(store: SeriesStore, scope: number, minute: number, run: number): Name {
  const [total, approved] = [rowOf(scope, ''), rowOf(scope, 'approved')];
  const all = recent(store, total, minute, run);
  const good = recent(store, approved, minute, run);
  const isRate = all.expected - all.observed < 0.5 * (good.expected - good.observed);
  return isRate ? { row: approved, family: 'volume', type: 'approval_rate_down' } : { row: total, family: 'volume', type: 'low_volume' };
}

function emptyName(store: SeriesStore, episode: Episode, minute: number, threshold: number): Name | null {
  const row = rowOf(episode.scope, '');
  const run = emptyRun(store, row, minute);
  const z = countZ(0, run * valueOf(store, row, EXPECTED), Math.max(1, valueOf(store, row, SPREAD)));
  return run > 1 && tailNats(Math.abs(z)) >= threshold ? { row, family: 'volume', type: 'zero_transactions' } : null;
}

function adverseName(store: SeriesStore, episode: Episode, minute: number, threshold: number): Name | null {
  const run = Math.min(episode.anomaly.duration_minutes, NAMED_MINUTES);
  const past = recent(store, rowOf(episode.scope, 'approved'), minute, run);
  const missing = Math.max(1, past.expected - past.observed);
  let best: Name | null = null;
  let most = ADVERSE_SHARE;
  for (const { row } of adverseMembers(store, episode)) {
    const own = recent(store, row, minute, run);
    const share = (own.observed - own.expected) / missing;
    if (share < most || valueOf(store, row, NATS) < threshold) continue;
    most = share;
    best = { row, family: familyOfRow(store, row), type: adverseType(store, row) };
  }
  return best;
}

/** Watched adverse statuses of the episode's own scope. */
export function adverseMembers(store: SeriesStore, episode: Episode): WatchedRow[] {
  return episode.members.filter((member) => member.sign > 0 && scopeOf(store, member.row) === groupOfRow(member.row));
}
