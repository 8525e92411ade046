import { setTimeout as sleep } from 'node:timers/promises';

export interface SteadyLoadOptions {
  /** Base address of the program. */
  readonly address: string;
  readonly perSecond: number;
  /** Merchants that the records are spread over. */
  readonly merchants: number;
}

/** Live single transactions at an even pace. */
export interface SteadyLoad {
  /** Records that were answered with 202. */
  readonly accepted: number;
  /** Monotonic milliseconds of the first 202 after `since`; resolves when it has come. */
  firstAcceptedAfter(since: number): Promise<number>;
  end(): Promise<void>;
}

const TICK_MS = 50;
const RECORDS_A_BODY_MAX = 500;

/** Starts to send. A body that is refused, or that finds nobody, is dropped: the next one comes 50 ms later. */
export function startSteadyLoad({ address, perSecond, merchants }: SteadyLoadOptions): SteadyLoad {
  let accepted = 0;
  let sent = 0;
  let isEnded = false;
  let waiter: { readonly since: number; readonly answered: PromiseWithResolvers<number> } | undefined;
  const flying = new Set<Promise<void>>();

  const post = async (count: number): Promise<void> => {
    const first = sent;
    sent += count;
    const begun = performance.now();
    try {
      const body = bodyOf(first, count, merchants);
      const answer = await fetch(`${address}/transactions/batch`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-ndjson' },
      });
      await answer.arrayBuffer();
      if (answer.status !== 202) return;
      accepted += count;
      if (waiter !== undefined && begun >= waiter.since) waiter.answered.resolve(performance.now());
    } catch {
      // Nobody listens: that is what a restart looks like from outside.
    }
  };
  const send = async (): Promise<void> => {
    const begun = performance.now();
    let due = 0;
    while (!isEnded) {
      const owed = Math.floor(((performance.now() - begun) / 1000) * perSecond) - due;
      due += owed;
      const count = Math.min(owed, RECORDS_A_BODY_MAX);
      if (count > 0 && flying.size < 32) {
        const work = post(count).finally(() => flying.delete(work));
        flying.add(work);
      }
      await sleep(TICK_MS);
    }
  };
  const sending = send();
  return {
    get accepted() {
      return accepted;
    },
    firstAcceptedAfter(since) {
      waiter = { since, answered: Promise.withResolvers() };
      return waiter.answered.promise;
    },
    async end() {
      isEnded = true;
      await sending;
      await Promise.all(flying);
    },
  };
}

function bodyOf(first: number, count: number, merchants: number): string {
  const timestamp = new Date().toISOString();
  let body = '';
  for (let number = first; number < first + count; number += 1) {
    const isDenied = number % 20 === 0;
    const [status, auth_code] = isDenied ? ['denied', '51'] : ['approved', '00'];
    const record = {
      timestamp,
      status,
      auth_code,
      amount: 49.9,
      currency: 'BRL',
      merchant_id: `m-${number % merchants}`,
      acquirer: `acq-${number % 3}`,
    };
    body += `${JSON.stringify(record)}\n`;
  }
  return body;
}
