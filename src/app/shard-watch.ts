import type { HealthFact } from '@transaction-guardian/contracts/health-reason.ts';
import type { Clock } from '../clock.ts';
import { forgetShards, readShards, shardMemory, type ShardView } from '../detect/shard/shard-board.ts';
import { SHARD_PATIENCE_MS } from '../detect/shard/shard-pool.ts';
import type { StageHealth } from '../stage.ts';
import type { MetricsDump } from '../telemetry/metrics.ts';

const STATES = ['starting', 'ready', 'replaced', 'restarting', 'catching_up', 'behind'] as const;
type ShardState = (typeof STATES)[number];

/** A reply that takes so long holds the minute up. */
const BEHIND_MS = 5000;
/** Losses are shown for so long, and so many within it are more than a mishap. */
const SHOWN_MS = 600_000;
const MANY_LOSSES = 3;
/** A wait is one from the second look on, and has an end of its own, which may be seen a little later here. */
const WAIT_MS = { least: 500, most: SHARD_PATIENCE_MS + 10_000 } as const;

/** Follows the shards of a detector from another thread, also while the detector waits for one of them. */
export interface ShardWatch {
  /** Where the pool notes how they stand. */
  readonly memory: SharedArrayBuffer;
  /** The detector is gone, with its shards. */
  forget(): void;
  /** Takes a look; call it about once a second. */
  look(): void;
  /** One entry `shard:<number>` for each; none while no detector is here. */
  checks(): Record<string, StageHealth>;
  /** Number of the one that the detector waits for, within the time that it does; undefined when nothing is owed. */
  waitsFor(): number | undefined;
  metrics(): MetricsDump;
}

interface Followed {
  view: ShardView;
  /** When it was first seen as it is, by the monotonic clock. */
  since: number;
  readonly lossesAt: number[];
}

/** Makes the watch over so many shards. */
export function watchShards(count: number, clock: Pick<Clock, 'monotonic'>): ShardWatch {
  const memory = shardMemory(count);
  const followed: Followed[] = readShards(memory).map((view) => ({ view, since: clock.monotonic(), lossesAt: [] }));
  const owes = ({ view }: Followed): boolean => view.phase !== 'none' && view.phase !== 'lost' && view.asked > view.answered;
  const ageOf = (one: Followed): number => clock.monotonic() - one.since;

  function stateOf(one: Followed): ShardState | undefined {
    const { phase, cause } = one.view;
    if (phase === 'none') return undefined;
    if (phase === 'lost' || (phase === 'starting' && cause === 'own_loss')) return 'replaced';
    if (owes(one) && ageOf(one) >= BEHIND_MS) return 'behind';
    if (phase === 'starting') return cause === 'other_loss' ? 'restarting' : 'starting';
    return phase === 'loaded' ? 'catching_up' : 'ready';
  }

  function healthOf(one: Followed): StageHealth | undefined {
    const state = stateOf(one);
    if (state === undefined) return undefined;
    const lately = one.lossesAt.filter((at) => clock.monotonic() - at <= SHOWN_MS).length;
    if (state === 'behind') return { status: 'degraded', reasons: [behindReason(one)] };
    if (state === 'replaced') return { status: 'degraded', reasons: [{ code: `part_shard_${lossOf(one)}`, params: {} }] };
    if (state === 'restarting' || state === 'catching_up')
      return { status: 'degraded', reasons: [{ code: `part_shard_${state}`, params: {} }] };
    if (state === 'starting') return { status: 'starting', reasons: [{ code: 'part_shard_starting', params: {} }] };
    if (lately === 0) return { status: 'ok' };
    return { status: lately >= MANY_LOSSES ? 'degraded' : 'ok', reasons: [{ code: 'part_shard_losses', params: { losses: lately } }] };
  }

  const behindReason = (one: Followed): HealthFact => ({ code: 'part_shard_behind', params: { seconds: Math.round(ageOf(one) / 1000) } });
  const lossOf = ({ view }: Followed): 'ended' | 'silent' => (view.lastLoss === 'silent' ? 'silent' : 'ended');

  function look(): void {
    const now = clock.monotonic();
    for (const [shard, view] of readShards(memory).entries()) {
      const one = followed[shard];
      if (one === undefined) continue;
      const { phase, answered, losses } = one.view;
      const isIdle = view.asked === view.answered;
      for (let loss = losses; loss < view.losses; loss += 1) one.lossesAt.push(now);
      one.lossesAt.splice(0, one.lossesAt.findLastIndex((at) => now - at > SHOWN_MS) + 1);
      if (isIdle || phase !== view.phase || answered !== view.answered || losses !== view.losses) one.since = now;
      one.view = view;
    }
  }

  return {
    memory,
    forget() {
      forgetShards(memory);
      look();
    },
    look,
    checks: () =>
      Object.fromEntries(
        followed.flatMap((one, shard) => {
          const health = healthOf(one);
          return health === undefined ? [] : [[`shard:${shard + 1}`, health]];
        }),
      ),
    waitsFor() {
      const shard = followed.findIndex((one) => owes(one) && ageOf(one) >= WAIT_MS.least && ageOf(one) < WAIT_MS.most);
      return shard < 0 ? undefined : shard + 1;
    },
    metrics() {
      const values = followed.flatMap((one, shard) => {
        const now = stateOf(one);
        return now === undefined ? [] : STATES.map((state) => ({ labels: { shard: shard + 1, state }, value: Number(state === now) }));
      });
      const gauge = {
        name: 'guardian_detector_shard_state',
        help: 'How the process of a shard of the detector stands: 1 for its state, 0 for the others.',
        ...{ type: 'gauge', aggregator: 'sum', values },
      };
      return values.length === 0 ? [] : ([gauge] as unknown as MetricsDump);
    },
  };
}
