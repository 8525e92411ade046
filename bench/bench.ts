import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a bench file is called with. `quick`: the run only proves that the bench works, so use about a tenth of the load. */
export interface BenchContext {
  readonly quick: boolean;
  /** Merchants that the detector judges, and shards of it; default: what the bench thinks right. */
  readonly merchants?: number;
  readonly shards?: number;
  /** Rows of the store, for benches that fill one; default: what the bench thinks right. */
  readonly rows?: number;
  /** Of made-up traffic, for benches that simulate a company. */
  readonly seed?: string;
}

/** The same work done by something simpler in the same run, on the same machine, e.g. bare Fastify. Unit as in the result. */
export interface BenchReference {
  readonly name: string;
  readonly value: number;
}

/** One figure. `name` is unique in its file; `unit` e.g. 'records/s', 'points/s', 'ms', 'bytes/series'. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly reference?: BenchReference;
  /** Where the project wants to be, in the same unit. */
  readonly goal?: number;
  /** Facts that explain the figure: sizes, durations, percentiles. */
  readonly details?: Readonly<Record<string, number | string>>;
}

/** What every file of this folder but `bench.ts` and `run.ts` exports: `run`. It must stop all it started and throw when
 *  the work was not really done (e.g. rows are missing), since a fast wrong answer is no figure. */
export interface Bench {
  run(context: BenchContext): Promise<readonly BenchResult[]>;
}

/** Calls `work` with a new empty directory and removes it afterwards, also when `work` throws. */
export async function inTemporaryDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'guardian-bench-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The `share`-quantile (0..1) of `samples` by nearest rank; NaN for none. `samples` may be in any order and is not changed. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = Math.max(0, Math.ceil(share * sorted.length) - 1);
  return sorted[rank] ?? Number.NaN;
}
