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
  if (anomaly.type !== 'low_volume' && anomaly.type !== 'approval_rate_down') return;
  const bar = at(minute.bars, atU8(store.kinds, episode.scope));
  const name = emptyName(store, episode, minute.number, bar) ?? troubleName(store, episode, minute.number, bar);
  if (name === null) return;
  episode.formerly ??= { type: anomaly.type, node: anomaly.node };
  episode.row = name.row;
  episode.family = name.family;
  anomaly.type = name.type;
  anomaly.node = nodeOfRow(store, name.row);
  // What has settled is told by the first member.
  episode.members.sort((a, b) => Number(b.row === name.row) - Number(a.row === name.row));
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
