import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const FIRST = 10_200;
/** The system gives connections a port of their own from here on, on Linux as it says, elsewhere higher. */
const EPHEMERAL = 32_768;
/** Those from 20,000 on are for brokers. */
const LAST = 18_000;
const TRIES = 100;

/** A port that is free now, for a server that has to come back on the same one. None that the system gives away: while nobody listens there it
 *  may become that of a connection, also of one that asks again and again whether the server is up, which is then connected with itself. */
export async function freePort(): Promise<number> {
  const last = Math.min(LAST, ephemeralFrom() - 1);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = FIRST + Math.floor(Math.random() * (last - FIRST));
    if (await isFree(port)) return port;
  }
  throw new Error(`there is no free port between ${FIRST} and ${last}`);
}

function ephemeralFrom(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s/)[0]);
  } catch {
    return EPHEMERAL;
  }
}

/** Whether a server can listen there. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const opened = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (opened) await new Promise((resolve) => void server.close(resolve));
  return opened;
}
