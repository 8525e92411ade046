import { connect } from 'node:net';
import type { Logger } from 'pino';
import { checkSocketPath, LEASE_MS, type Greeting, type SocketPlace } from './socket-server.ts';
import { createSocketWire } from './socket-wire.ts';
import type { Wire } from './wire.ts';

const RETRY_MS = 100;
/** A server that takes the connection and says nothing does not run. */
const GREETING_MS = 5000;

/** How a link stands. `away`: nobody answers; `other_version`: who answers is another version of the program. */
export type LinkState = 'up' | 'away' | 'other_version';

/** A way to a server that may go and come back. */
export interface SocketLink {
  state(): LinkState;
  /** The wire to the server that is there now; undefined while none is. */
  wire(): Wire | undefined;
  close(): void;
}

/** Keeps a connection to the server at a path: tries again every 100 ms while there is none. `open` is called with each new wire
 *  before anybody else has it. Throws APP_SOCKET for a path that is too long. */
export function keepLink(place: SocketPlace, log: Logger, open: (wire: Wire) => void): SocketLink {
  checkSocketPath(place.path);
  let current: Wire | undefined;
  let state: LinkState = 'away';
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;
  let trying: Wire | undefined;

  const attempt = (): void => {
    const socket = connect(place.path);
    const wire = createSocketWire(socket, place.leaseMs ?? LEASE_MS);
    trying = wire;
    wire.unref();
    const patience = setTimeout(() => socket.destroy(), GREETING_MS).unref();
    let isGreeted = false;
    wire.on('message', (message: Greeting) => {
      if (isGreeted) return;
      isGreeted = true;
      clearTimeout(patience);
      if (message.greeting !== place.greeting) {
        if (state !== 'other_version')
          log.error({ path: place.path, there: message.greeting, here: place.greeting }, 'data owner process runs another version');
        state = 'other_version';
        socket.destroy();
        return;
      }
      open(wire);
      current = wire;
      state = 'up';
    });
    wire.on('close', () => {
      clearTimeout(patience);
      if (current === wire) {
        current = undefined;
        if (!isClosed) log.warn({ path: place.path }, 'lost the connection to the data owner process, reconnecting');
      }
      if (!isGreeted || state === 'up') state = 'away';
      if (!isClosed) retry = setTimeout(attempt, RETRY_MS);
    });
  };
  attempt();
  return {
    state: () => state,
    wire: () => current,
    close() {
      isClosed = true;
      clearTimeout(retry);
      trying?.close();
    },
  };
}
