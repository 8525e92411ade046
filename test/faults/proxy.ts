import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { seededNumbers, type SeededNumbers } from '../../src/detect/forest/random.ts';

/** What is wrong with the way to a server. `cut`: connections end and no new one comes. `silent`: what is sent is held. `slow`: everything
 *  takes `delayMs` more, and of each `1 / loss` pieces one waits for its retransmission, as TCP does for a lost packet. */
export type WayFault =
  | { readonly kind: 'cut' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'slow'; readonly delayMs: number; readonly loss: number };

/** A TCP proxy before a server, with faults on demand. */
export interface FaultyWay {
  readonly port: number;
  set(fault: WayFault | null): void;
  close(): Promise<void>;
}

/** First wait of TCP for a packet that was lost, milliseconds; each further loss of it doubles the wait. */
const RETRANSMIT_MS = 200;
const MAX_HELD_BYTES = 4_194_304;
const HELD_LOOK_MS = 20;

/** Listens on `port` (0: any) of 127.0.0.1 and hands on to `target`. */
export async function startFaultyWay(options: {
  readonly port: number;
  readonly target: number;
  readonly seed: number;
}): Promise<FaultyWay> {
  const random = seededNumbers(options.seed);
  const sockets = new Set<Socket>();
  let fault: WayFault | null = null;
  const server = createServer({ noDelay: true }, (client) => {
    if (fault?.kind === 'cut') return void client.destroy();
    const upstream = connect({ port: options.target, host: '127.0.0.1', noDelay: true });
    for (const socket of [client, upstream]) sockets.add(socket);
    join(client, upstream);
    join(upstream, client);
  });

  function join(from: Socket, to: Socket): void {
    let readyAt = 0;
    let held = 0;
    const deliver = (chunk: Buffer): void => {
      held -= chunk.length;
      if (held < MAX_HELD_BYTES) from.resume();
      to.write(chunk);
    };
    // One after the other: TCP keeps the order.
    let line: Promise<void> = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      if (fault === null && held === 0) return void to.write(chunk);
      readyAt = Math.max(readyAt, performance.now() + delayOf(fault, random));
      held += chunk.length;
      if (held >= MAX_HELD_BYTES) from.pause();
      const due = readyAt;
      line = line.then(() => released(due)).then(() => deliver(chunk));
    });
    const end = (): void => {
      from.destroy();
      to.destroy();
      sockets.delete(from);
    };
    from.on('error', end).on('close', end);
  }

  async function released(due: number): Promise<void> {
    while (fault?.kind === 'silent' || performance.now() < due)
      await new Promise((resolve) => setTimeout(resolve, fault?.kind === 'silent' ? HELD_LOOK_MS : Math.max(1, due - performance.now())));
  }

  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    set(next) {
      fault = next;
      if (next?.kind === 'cut') for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function delayOf(fault: WayFault | null, random: SeededNumbers): number {
  if (fault?.kind !== 'slow') return 0;
  let delay = fault.delayMs;
  for (let wait = RETRANSMIT_MS; random.next() < fault.loss; wait *= 2) delay += wait;
  return delay;
}
