/** How the process of a shard stands. `none`: nobody needs it here; `starting`: it is not there, or has no merchants yet; `loaded`: it has them
 *  from the last snapshot and has judged nothing since; `lost`: it is gone, or was given up. */
const PHASES = ['none', 'starting', 'ready', 'lost', 'loaded'] as const;
export type ShardPhase = (typeof PHASES)[number];
/** Why the process before this one was given up. */
const LOSSES = ['none', 'ended', 'silent'] as const;
export type ShardLoss = (typeof LOSSES)[number];
/** Why it begins: with the detector, in the place of a process that was lost, or with all others because one of them was lost. */
const CAUSES = ['detector', 'own_loss', 'other_loss'] as const;
export type ShardCause = (typeof CAUSES)[number];

/** One shard as it stood at a look. `asked` and `answered`: requests and replies since it was made; `losses`: processes that were lost. */
export interface ShardView {
  readonly phase: ShardPhase;
  readonly asked: number;
  readonly answered: number;
  readonly losses: number;
  readonly lastLoss: ShardLoss;
  readonly cause: ShardCause;
}

/** The side that writes about one process of a shard. After the next one has begun it changes nothing. */
export interface ShardNote {
  /** It has no merchants, and why. */
  begins(cause: ShardCause): void;
  /** Nobody needs it here any more. */
  ends(): void;
  asked(): void;
  /** `judged`: the reply was about a minute. One that begins after a loss is not ready before. */
  answered(judged: boolean): void;
  /** Counts once for each process. */
  lost(why: Exclude<ShardLoss, 'none'>): void;
}

const CELLS = { phase: 0, asked: 1, answered: 2, losses: 3, lastLoss: 4, life: 5, cause: 6 } as const;
const FIELDS = Object.keys(CELLS).length;

/** Shared memory in which so many shards are followed, also while the detector waits for one of them. */
export function shardMemory(shards: number): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * FIELDS * shards);
}

/** Begins the notes about the next process of a shard; `life` of undefined joins those about the one that is there. */
export function noteShard(memory: SharedArrayBuffer, shard: number, joined?: number): ShardNote & { readonly life: number } {
  const cells = new Int32Array(memory);
  const cell = (name: keyof typeof CELLS): number => shard * FIELDS + CELLS[name];
  const life = joined ?? Atomics.add(cells, cell('life'), 1) + 1;
  const isCurrent = (): boolean => Atomics.load(cells, cell('life')) === life;
  const set = (name: keyof typeof CELLS, value: number): void => void (isCurrent() && Atomics.store(cells, cell(name), value));
  if (joined === undefined) for (const name of ['asked', 'answered'] as const) set(name, 0);
  return {
    life,
    begins(cause) {
      set('cause', CAUSES.indexOf(cause));
      set('phase', PHASES.indexOf('starting'));
    },
    ends: () => set('phase', PHASES.indexOf('none')),
    asked: () => void Atomics.add(cells, cell('asked'), isCurrent() ? 1 : 0),
    answered(judged) {
      if (!isCurrent()) return;
      Atomics.add(cells, cell('answered'), 1);
      const isReady = judged || Atomics.load(cells, cell('cause')) === CAUSES.indexOf('detector');
      if (isReady || Atomics.load(cells, cell('phase')) !== PHASES.indexOf('ready'))
        set('phase', PHASES.indexOf(isReady ? 'ready' : 'loaded'));
    },
    lost(why) {
      if (!isCurrent() || Atomics.exchange(cells, cell('phase'), PHASES.indexOf('lost')) === PHASES.indexOf('lost')) return;
      Atomics.add(cells, cell('losses'), 1);
      set('lastLoss', LOSSES.indexOf(why));
    },
  };
}

/** Forgets the processes of a detector that is gone: what is still noted about them changes nothing. */
export function forgetShards(memory: SharedArrayBuffer): void {
  for (const shard of readShards(memory).keys()) noteShard(memory, shard).ends();
}

/** Reads the memory, from any thread. */
export function readShards(memory: SharedArrayBuffer): readonly ShardView[] {
  const cells = new Int32Array(memory);
  return Array.from({ length: cells.length / FIELDS }, (_, shard) => {
    const read = (name: keyof typeof CELLS): number => Atomics.load(cells, shard * FIELDS + CELLS[name]);
    return {
      phase: PHASES[read('phase')] ?? 'none',
      asked: read('asked'),
      answered: read('answered'),
      losses: read('losses'),
      lastLoss: LOSSES[read('lastLoss')] ?? 'none',
      cause: CAUSES[read('cause')] ?? 'detector',
    };
  });
}
