import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isFree } from '../e2e/free-port.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/services.mjs', import.meta.url));
const run = promisify(execFile);

/** A Kafka broker of its own for one test file, on loopback. */
export interface KafkaServer {
  /** For everybody. */
  readonly address: string;
  /** Asks for SCRAM, of the user `guardian` with the password `s3cret`. */
  readonly saslAddress: string;
  /** Asks for a certificate of a client; `pem` reads one of the files of `scripts/services/kafka.mjs`. */
  readonly tlsAddress: string;
  readonly pem: (name: 'ca.pem' | 'other.pem' | 'client.crt' | 'client.key') => string;
  /** Clients that come to `wayTarget` are sent to `wayPort`, where nothing listens: a place for a proxy. */
  readonly wayTarget: number;
  readonly wayPort: number;
  /** Ends it at once, as a power cut does, and starts it again. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a broker. Null, with the reason in `missing`, where none can be had; in CI that is an error. */
export async function startKafka(): Promise<{ readonly server: KafkaServer | null; readonly missing: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-kafka-'));
  const { port, claim } = await claimPorts();
  const place = ['--dir', dir, '--port', String(port)];
  const holder = spawn(process.execPath, [SCRIPT, 'hold', 'kafka', ...place], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer): void => void (output += chunk.toString());
  holder.stderr.on('data', collect);
  const exited = once(holder, 'exit');
  await new Promise<void>((resolve) => {
    holder.stdout.on('data', (chunk: Buffer) => {
      collect(chunk);
      if (output.includes('ready\n')) resolve();
    });
    void exited.then(() => resolve());
  });
  const stop = async (): Promise<void> => {
    holder.stdin.end();
    await exited;
    claim.close();
    rmSync(dir, { recursive: true, force: true });
  };
  if (output.includes('kafka: Kafka')) {
    const services = async (command: string): Promise<void> => void (await run(process.execPath, [SCRIPT, command, 'kafka', ...place]));
    const server: KafkaServer = {
      address: `127.0.0.1:${port + 92}`,
      saslAddress: `127.0.0.1:${port + 94}`,
      tlsAddress: `127.0.0.1:${port + 97}`,
      pem: (name) => readFileSync(join(dir, 'kafka', 'tls', name), 'utf8'),
      wayTarget: port + 95,
      wayPort: port + 96,
      kill: () => services('kill'),
      start: () => services('up'),
      stop,
    };
    return { server, missing: '' };
  }
  await stop();
  if (process.env['CI'] === 'true') throw new Error(`The tests need Kafka:\n${output}`);
  return { server: null, missing: output.trim() };
}

const TRIES = 50;

/** A number from which on the ports that a broker takes are free, with a server that listens at it: as long as that is there, no other test
 *  file comes to the same number. */
async function claimPorts(): Promise<{ readonly port: number; readonly claim: Server }> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = 20_000 + Math.floor(Math.random() * 100) * 100;
    const claim = createServer();
    const isOurs = await new Promise<boolean>((resolve) => {
      claim.once('error', () => resolve(false));
      claim.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isOurs) continue;
    claim.unref();
    if ((await Promise.all([92, 93, 94, 95, 96, 97].map((step) => isFree(port + step)))).every(Boolean)) return { port, claim };
    claim.close();
  }
  throw new Error('there are no free ports');
}
