import type { Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import type { Wire } from './wire.ts';

const HEAD_BYTES = 4;
/** A longer message is not one of ours. */
const MAX_BYTES = 1_073_741_824;
/** Signs of life in a lease. */
const BEATS = 10;
const BEAT = Buffer.alloc(HEAD_BYTES);

/** Makes a socket a wire: a message is its length in four bytes and its structured clone. Each end says in every tenth of `leaseMs`
 *  that it lives; one that is not heard of for a lease is cut off. Beats are counted, not timed: the pause of an end that did not
 *  run itself is not held against the other. */
export function createSocketWire(socket: Socket, leaseMs: number): Wire {
  const hearers: ((message: never) => void)[] = [];
  const read = createFrameReader((body) => {
    const message = deserialize(body) as never;
    // One that begins to hear now hears what comes next.
    for (const hear of [...hearers]) hear(message);
  });
  let silentBeats = 0;
  const beat = setInterval(() => {
    silentBeats += 1;
    if (silentBeats > BEATS) socket.destroy();
    else socket.write(BEAT);
  }, leaseMs / BEATS).unref();
  socket.on('data', (chunk: Buffer) => {
    silentBeats = 0;
    try {
      read(chunk);
    } catch {
      socket.destroy();
    }
  });
  socket.on('close', () => clearInterval(beat));
  // The end of a socket says what there is to say.
  socket.on('error', () => undefined);
  return {
    postMessage(message) {
      const body = serialize(message);
      if (socket.destroyed) return;
      const head = Buffer.allocUnsafe(HEAD_BYTES);
      head.writeUInt32LE(body.byteLength);
      socket.cork();
      socket.write(head);
      socket.write(body);
      socket.uncork();
    },
    on(event, hear) {
      if (event === 'message') hearers.push(hear);
      else socket.on('close', () => hear(undefined));
    },
    close: () => void socket.end(() => socket.destroy()),
    ref: () => void socket.ref(),
    unref: () => void socket.unref(),
  };
}

/** Puts chunks together to frames. Throws for a length that no message of ours has. */
function createFrameReader(take: (body: Buffer) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted: number | undefined;

  const takeBytes = (count: number): Buffer => {
    const [first] = chunks;
    if (first === undefined || first.byteLength < count) chunks = [Buffer.concat(chunks)];
    const whole = chunks[0] as Buffer;
    const rest = whole.subarray(count);
    if (rest.byteLength === 0) chunks.shift();
    else chunks[0] = rest;
    held -= count;
    return whole.subarray(0, count);
  };

  return (chunk) => {
    chunks.push(chunk);
    held += chunk.byteLength;
    for (;;) {
      if (wanted === undefined) {
        if (held < HEAD_BYTES) return;
        wanted = takeBytes(HEAD_BYTES).readUInt32LE();
        if (wanted > MAX_BYTES) throw new RangeError(`A message of ${wanted} bytes.`);
      }
      if (held < wanted) return;
      const length = wanted;
      wanted = undefined;
      if (length > 0) take(takeBytes(length));
    }
  };
}
