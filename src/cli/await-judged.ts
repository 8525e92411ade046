import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress as LogProgress } from '@transaction-guardian/contracts/progress.ts';
import type { Cli } from './cli.ts';
import { createProgress } from './progress.ts';
import type { ServerClient } from './server-client.ts';

/** What still waits when nothing moves any more; both zero when all is judged. */
export interface Unjudged {
  readonly records: number;
  readonly minutes: number;
}

export interface AwaitOptions {
  /** Longest wait without anything moving (default 60 s). */
  readonly stalledMs?: number;
  readonly pollMs?: number;
}

type Positions = Readonly<Record<string, number>>;

/** Waits until what the server has accepted by now is counted and judged, whatever comes behind it. Shows how far it is, and
 *  gives up when nothing has moved for `stalledMs`, or when we are stopped. Throws like `client.get`. */
export async function awaitJudged(
  cli: Cli,
  client: ServerClient,
  { stalledMs = 60_000, pollMs = 250 }: AwaitOptions = {},
): Promise<Unjudged> {
  const look = (): Promise<LogProgress> => client.get<LogProgress>('/progress');

  /** Polls until `done` has reached `wanted`; gives what is missing in the end. */
  async function reach(label: string, wanted: Positions, done: (now: LogProgress) => Positions): Promise<number> {
    let missing = missingOf(wanted, done(await look()));
    if (missing === 0) return 0;
    const total = missing;
    const progress = createProgress(cli, label, total);
    let movedAt = cli.clock.monotonic();
    try {
      while (missing > 0 && !cli.signal.aborted && cli.clock.monotonic() - movedAt < stalledMs) {
        await sleep(pollMs, undefined, { signal: cli.signal }).catch(() => undefined);
        if (cli.signal.aborted) break;
        const left = missingOf(wanted, done(await look()));
        if (left < missing) movedAt = cli.clock.monotonic();
        missing = left;
        progress.update(total - missing);
      }
    } finally {
      progress.stop();
    }
    return missing;
  }

  const first = await look();
  const records = await reach(cli.say('import.counting'), first.accepted, ({ counted }) => counted);
  const second = await look();
  const minutes = await reach(cli.say('import.scoring'), second.closed, ({ judged }) => judged);
  return { records, minutes };
}

function missingOf(wanted: Positions, done: Positions): number {
  return Object.entries(wanted).reduce((sum, [partition, position]) => sum + Math.max(0, position - (done[partition] ?? 0)), 0);
}
