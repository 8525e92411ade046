import { setTimeout as sleep } from 'node:timers/promises';

/** Somebody who sends single transactions all the time, each again until it is accepted. */
export interface SteadySender {
  /** Ids that were answered with 202, or with 200 where the answer to the first request was lost. */
  readonly accepted: ReadonlySet<string>;
  /** Sends nothing new; resolves with the accepted ids when nothing waits for its acceptance. */
  stop(): Promise<ReadonlySet<string>>;
  /** Sends nothing more, also of what waits: for a server that is gone. */
  abandon(): void;
}

/** Sends to the server at `address()`, which may change, with a request of each lane under way. */
export function startSender(address: () => string, lanes = 2): SteadySender {
  const accepted = new Set<string>();
  const abandoned = new AbortController();
  let isStopped = false;
  const post = async (id: string): Promise<number | undefined> => {
    const response = await fetch(`${address()}/transaction`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id, status: 'approved', amount: 10 }),
      signal: abandoned.signal,
    }).catch(() => undefined);
    return response?.status;
  };
  const send = async (id: string): Promise<void> => {
    while (!abandoned.signal.aborted && !accepted.has(id)) {
      const status = await post(id);
      if (status === 202 || status === 200) accepted.add(id);
      else await sleep(20);
    }
  };
  const running = Array.from({ length: lanes }, async (_, lane) => {
    for (let n = 0; !isStopped; n++) await send(`lane-${lane}-${n}`);
  });
  return {
    accepted,
    async stop() {
      isStopped = true;
      await Promise.all(running);
      return accepted;
    },
    abandon() {
      isStopped = true;
      abandoned.abort();
    },
  };
}
