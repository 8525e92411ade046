import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/store/database.ts';
import { waitFor } from '../../test/e2e/product.ts';
import type { BenchResult } from '../bench.ts';
import { residentBytes } from '../process/server-process.ts';
import { startSteadyLoad } from '../process/steady-load.ts';
import type { RoleProcesses } from './role-processes.ts';

const PER_SECOND = 1000;
const MERCHANTS = 200;
/** The compiler and the caches of a process that has just started are not those of one that runs. */
const WARM_MS = 20_000;
const MB = 1_000_000;

/** Memory and processor of each process while live transactions come at an even pace. Throws when one of them is not counted. */
export async function measureSteady(
  roles: RoleProcesses,
  { database, seconds }: { readonly database: Database; readonly seconds: number },
): Promise<readonly BenchResult[]> {
  const counted = async (): Promise<number> => {
    const [row] = await database.query<{ n: number }>('select coalesce(sum(count), 0)::bigint as n from minute_count');
    return Number(row?.n);
  };
  const before = await counted();
  const load = startSteadyLoad({ address: roles.address, perSecond: PER_SECOND, merchants: MERCHANTS });
  await sleep(WARM_MS);
  roles.cpuSeconds();
  const [sinceMs, acceptedBefore] = [performance.now(), load.accepted];
  await sleep(seconds * 1000);
  const spentS = (performance.now() - sinceMs) / 1000;
  const cpu = roles.cpuSeconds();
  const memory = Object.entries(roles.pids()).map(([name, pid]) => ({ name, ...residentBytes(pid) }));
  const rate = Math.round((load.accepted - acceptedBefore) / spentS);
  await load.end();
  await waitFor(async () => ((await counted()) === before + load.accepted ? true : undefined));
  return memory.map(({ name, now, peak }) => ({
    ...{ name: `memory of ${name} at ${PER_SECOND}/s`, value: now / MB, unit: 'MB', better: 'lower' as const },
    details: { peak_mb: Math.round(peak / MB), cpu: `${((100 * (cpu[name] ?? 0)) / spentS).toFixed(1)} %`, accepted_per_s: rate },
  }));
}
