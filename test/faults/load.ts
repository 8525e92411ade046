import { setTimeout as sleep } from 'node:timers/promises';
import { seededNumbers } from '../../src/detect/forest/random.ts';
import { waitFor, type Api } from '../e2e/product.ts';
import type { Cluster } from './cluster.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const BATCH = 250;
const AT_ONCE = 4;
const RETRY_MS = 200;
const PATIENCE_MS = 20_000;
const MINUTE_MS = 60_000;
/** The minutes of a load that have an incident, behind its middle: denials in place of approvals. */
export function incidentOf(minutes: number): { readonly from: number; readonly to: number } {
  const from = Math.floor((minutes * 8) / 15);
  return { from, to: from + INCIDENT_MINUTES };
}

const INCIDENT_MINUTES = 10;
const MERCHANTS = 8;
const REVERSED = 0.01;
const DENIED = 0.05;

export interface LoadOptions {
  /** Before each id. */
  readonly name: string;
  readonly seed: number;
  /** First minute of event time, epoch milliseconds. */
  readonly start: number;
  readonly minutes: number;
  /** Records of each minute: the same in all loads of a run, or the detector sees them rise and fall. */
  readonly perMinute: number;
  /** Records a second at most. */
  readonly rate: number;
  /** How often each batch is sent (default 1). */
  readonly copies?: number;
}

/** Traffic that is sent until all of it is accepted: a batch that was refused or got no answer is sent again with its ids. */
export interface Load {
  /** Records that were answered as accepted, or as duplicates of such. */
  accepted(): number;
  /** Batches without an answer, and those refused, 503 among them without and with `Retry-After`. */
  failures(): { readonly unanswered: number; readonly refused: number; readonly withoutRetryAfter: number };
  /** Longest time in which nothing was accepted, milliseconds. */
  longestPauseMs(): number;
  readonly done: Promise<void>;
}

/** Starts to send the traffic that the options describe. */
export function startLoad(cluster: Cluster, options: LoadOptions): Load {
  return send(cluster, minutesOf(options), options);
}

/** Starts to send lines through the APIs in turn: those of a minute beside each other, the next minute after it. */
export function send(cluster: Cluster, lines: Iterable<readonly string[]>, options: Pick<LoadOptions, 'rate' | 'copies'>): Load {
  let accepted = 0;
  let turn = 0;
  let lastAt = performance.now();
  let longestPauseMs = 0;
  const failures = { unanswered: 0, refused: 0, withoutRetryAfter: 0 };

  async function sendOnce(batch: readonly string[]): Promise<boolean> {
    const apis = cluster.of('api');
    const api = apis[turn++ % Math.max(1, apis.length)];
    if (api === undefined) return false;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`${api.address}/transactions/batch`, {
      method: 'POST',
      body: batch.join('\n'),
      headers: NDJSON,
      signal,
    }).catch(() => undefined);
    const answer = (await response?.json().catch(() => undefined)) as { accepted?: number; duplicate?: number } | undefined;
    if (response === undefined || answer === undefined) failures.unanswered += 1;
    else if (!response.ok) {
      failures.refused += 1;
      if (response.status === 503 && response.headers.get('retry-after') === null) failures.withoutRetryAfter += 1;
    }
    return response?.ok === true && (answer?.accepted ?? 0) + (answer?.duplicate ?? 0) === batch.length;
  }

  async function sendBatch(batch: readonly string[]): Promise<void> {
    while (!(await sendOnce(batch))) await sleep(RETRY_MS);
  }

  async function run(): Promise<void> {
    const startedAt = performance.now();
    for (const minute of lines) {
      const batches = Array.from({ length: Math.ceil(minute.length / BATCH) }, (_, index) =>
        minute.slice(index * BATCH, (index + 1) * BATCH),
      );
      const sender = async (): Promise<void> => {
        for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
          await Promise.all(Array.from({ length: options.copies ?? 1 }, () => sendBatch(batch)));
          accepted += batch.length;
          longestPauseMs = Math.max(longestPauseMs, performance.now() - lastAt);
          lastAt = performance.now();
        }
      };
      // The next minute comes after this one, as it does at a company.
      await Promise.all(Array.from({ length: AT_ONCE }, sender));
      const aheadMs = (1000 * accepted) / options.rate - (performance.now() - startedAt);
      if (aheadMs > 0) {
        await sleep(aheadMs);
        lastAt = performance.now();
      }
    }
  }

  return { accepted: () => accepted, failures: () => failures, longestPauseMs: () => longestPauseMs, done: run() };
}

/** Lines of each minute. Same options, same lines. */
function minutesOf({ name, seed, start, minutes, perMinute }: LoadOptions): string[][] {
  const random = seededNumbers(seed);
  const incident = incidentOf(minutes);
  let number = 0;
  return Array.from({ length: minutes }, (_, minute) => {
    const denied = minute >= incident.from && minute < incident.to ? 0.45 : DENIED;
    return Array.from({ length: perMinute }, () => {
      const dice = random.next();
      const status = dice < denied ? 'denied' : dice < denied + REVERSED ? 'reversed' : 'approved';
      return JSON.stringify({
        id: `${name}-${number++}`,
        timestamp: new Date(start + minute * MINUTE_MS + random.below(MINUTE_MS)).toISOString(),
        ...{ status, merchant_id: `m-${random.below(MERCHANTS)}`, amount: 10 + random.below(9000) / 100 },
      });
    });
  });
}

/** Sends quiet minutes of counts, from which the detector learns what is normal. Returns how many transactions they count. */
export async function sendQuietMinutes(
  api: Api,
  { start, minutes, perMinute, seed }: Pick<LoadOptions, 'start' | 'minutes' | 'perMinute' | 'seed'>,
): Promise<number> {
  const random = seededNumbers(seed);
  const shares = { approved: 1 - DENIED - REVERSED, denied: DENIED, reversed: REVERSED };
  let total = 0;
  const lines = Array.from({ length: minutes }, (_, minute) =>
    Object.entries(shares).flatMap(([status, share]) =>
      Array.from({ length: MERCHANTS }, (_unused, merchant) => {
        const count = random.poisson((perMinute * share) / MERCHANTS);
        total += count;
        const timestamp = new Date(start + minute * MINUTE_MS).toISOString();
        return JSON.stringify({ id: `quiet-${minute}-${status}-${merchant}`, timestamp, status, merchant_id: `m-${merchant}`, count });
      }),
    ),
  ).flat();
  for (let at = 0; at < lines.length; at += BATCH) {
    const body = lines.slice(at, at + BATCH).join('\n');
    // A machine that is busy starting may not take it yet.
    await waitFor(async () =>
      (await api.post('/transactions/batch', body, NDJSON).catch(() => undefined))?.ok === true ? true : undefined,
    );
  }
  return total;
}
