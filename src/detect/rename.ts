import type { AnomalyType } from '@transaction-guardian/contracts/anomaly.ts';
import type { LifeMinute } from './describe.ts';
import type { Episode, Member } from './episode.ts';
import { scopeOf } from './episode.ts';
import { countZ } from './evidence.ts';
import { tailNats } from './normal.ts';
import { at, atU8, EXPECTED, groupOfRow, NATS, nodeOfRow, rowOf, type SeriesStore, SPREAD, valueOf } from './series-store.ts';
import { emptyRun, familyOfRow, recent, troubleType, type Family } from './signal.ts';

/** Part of the missing approved ones that trouble must account for to give the anomaly its name. */
const TROUBLE_SHARE = 0.6;

/** Minutes in which a zero must have had so many transactions, and so much of what was expected, to be a zero no longer. */
const SOME_MINUTES = 5;
const SOME = 3;
const SOME_SHARE = 0.05;

interface Name {
  readonly row: number;
  readonly family: Family;
  readonly type: AnomalyType;
}

/** Gives a fall of the volume the name that its later minutes have earned: trouble over the bar that accounts for most of what
 *  is missing, or no transaction at all. The id stays; `formerly` keeps the first name. */
export function renameFall(store: SeriesStore, episode: Episode, minute: LifeMinute): void {
  const isTold = episode.toldZ > 0;
  if (!isTold || episode.family !== 'volume' || minute.window.state === 'silent') return;
  const { anomaly } = episode;
  const bar = at(minute.bars, atU8(store.kinds, episode.scope));
  const name = anomaly.type === 'zero_transactions' ? someName(store, episode, minute.number) : laterName(store, episode, minute, bar);
  if (name === null) return;
  episode.formerly ??= { type: anomaly.type, node: anomaly.node };
  episode.row = name.row;
  episode.family = name.family;
  anomaly.type = name.type;
  anomaly.node = nodeOfRow(store, name.row);
  // What has settled is told by the first member.
  episode.members.sort((a, b) => Number(b.row === name.row) - Number(a.row === name.row));
}

function laterName(store: SeriesStore, episode: Episode, { number }: LifeMinute, bar: number): Name | null {
  const { type } = episode.anomaly;
  if (type !== 'low_volume' && type !== 'approval_rate_down') return null;
  return emptyName(store, episode, number, bar) ?? troubleName(store, episode, number, bar);
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

function emptyName(store: SeriesStore, episode: Episode, minute: number, bar: number): Name | null {
  const row = rowOf(episode.scope, '');
  const run = emptyRun(store, row, minute);
  const z = countZ(0, run * valueOf(store, row, EXPECTED), Math.max(1, valueOf(store, row, SPREAD)));
  return run > 1 && tailNats(Math.abs(z)) >= bar ? { row, family: 'volume', type: 'zero_transactions' } : null;
}

function troubleName(store: SeriesStore, episode: Episode, minute: number, bar: number): Name | null {
  const past = recent(store, rowOf(episode.scope, 'approved'), minute, episode.anomaly.duration_minutes);
  const missing = Math.max(1, past.expected - past.observed);
  let best: Name | null = null;
  let most = TROUBLE_SHARE;
  for (const { row } of troubleOf(store, episode)) {
    const own = recent(store, row, minute, episode.anomaly.duration_minutes);
    const share = (own.observed - own.expected) / missing;
    if (share < most || valueOf(store, row, NATS) < bar) continue;
    most = share;
    best = { row, family: familyOfRow(store, row), type: troubleType(store, row) };
  }
  return best;
}

/** Watched statuses of the episode's own scope that mean trouble. */
export function troubleOf(store: SeriesStore, episode: Episode): Member[] {
  return episode.members.filter((member) => member.sign > 0 && scopeOf(store, member.row) === groupOfRow(member.row));
}
