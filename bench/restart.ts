import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '@transaction-guardian/contracts/progress.ts';
import { inTemporaryDirectory, quantile, type BenchContext, type BenchResult } from './bench.ts';
import { freePort } from '../test/e2e/free-port.ts';
import { awaitAnswer, launchServer, type ServerProcess } from './process/server-process.ts';
import { startSteadyLoad, type SteadyLoad } from './process/steady-load.ts';

const PER_SECOND = 1000;
const MERCHANTS = 200;
/** Load before each kill: the database has something to recover. */
const LOAD_MS = 8000;

/** Milliseconds from the start of the launcher. */
interface Round {
  readonly answers: number;
  readonly accepts: number;
  readonly ready: number;
  readonly caughtUp: number;
}

const isOk = (answer: Response): boolean => answer.status === 200;

/** True when everything that was accepted is counted, but what came in the last moment. */
async function isCaughtUp(answer: Response): Promise<boolean> {
  if (answer.status !== 200) return false;
  const { accepted, counted } = (await answer.json()) as Progress;
  return Object.entries(accepted).every(([partition, next]) => next - (counted[partition] ?? 0) <= PER_SECOND / 2);
}

/** kill -9 of a server under load, again and again, and the times until it accepts, is ready and has caught up. */
export async function run({ quick }: BenchContext): Promise<readonly BenchResult[]> {
  const rounds: Round[] = [];
  let first: Round | undefined;
  await inTemporaryDirectory(async (directory) => {
    const port = await freePort();
    let server: ServerProcess | undefined;
    const measure = async (load: SteadyLoad): Promise<Round> => {
      const begun = performance.now();
      server = launchServer(directory, port);
      const since = (at: number): number => at - begun;
      const [answers, accepts, ready, caughtUp] = await Promise.all([
        awaitAnswer(server.address, '/health', () => true),
        load.firstAcceptedAfter(begun),
        awaitAnswer(server.address, '/ready', isOk),
        awaitAnswer(server.address, '/progress', isCaughtUp),
      ]);
      return { answers: since(answers), accepts: since(accepts), ready: since(ready), caughtUp: since(caughtUp) };
    };
    const load = startSteadyLoad({ address: `http://127.0.0.1:${port}`, perSecond: PER_SECOND, merchants: MERCHANTS });
    try {
      first = await measure(load);
      for (let number = 0; number < (quick ? 3 : 10); number += 1) {
        await sleep(LOAD_MS);
        await server?.kill();
        rounds.push(await measure(load));
      }
    } finally {
      await load.end();
      await server?.stop();
    }
  });
  const figure = (name: string, values: readonly number[], goal?: number): BenchResult => ({
    name,
    value: quantile(values, 0.5),
    unit: 'ms',
    better: 'lower',
    ...(goal === undefined ? {} : { goal }),
    details: { rounds: values.length, max_ms: Math.round(Math.max(...values)) },
  });
  return [
    figure(
      'kill -9 -> accepts again (202)',
      rounds.map(({ accepts }) => accepts),
      2000,
    ),
    figure(
      'kill -9 -> ready',
      rounds.map(({ ready }) => ready),
      2000,
    ),
    figure(
      'kill -9 -> has counted what waited',
      rounds.map(({ caughtUp }) => caughtUp),
    ),
    figure('first start of a data directory -> accepts', [first?.accepts ?? Number.NaN]),
    figure('first start of a data directory -> ready', [first?.ready ?? Number.NaN]),
  ];
}
