import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../e2e/free-port.ts';
import { waitFor } from '../e2e/product.ts';

/** A Redis server of its own for one test file, on loopback. */
export interface RedisServer {
  readonly url: string;
  /** Sends one command and returns the raw answer. */
  command(...words: readonly string[]): Promise<string>;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Stops it in the middle of what it does; `resume` lets it go on. */
  freeze(): void;
  resume(): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes and starts a server. */
export async function startRedis(): Promise<RedisServer> {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-redis-'));
  const port = await freePort();
  let server: ChildProcess | undefined;

  const command = async (...words: readonly string[]): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
      const [answer] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [unknown];
      if (!Buffer.isBuffer(answer)) throw new Error('Redis closed the connection without an answer.');
      return answer.toString().trim();
    } finally {
      socket.destroy();
    }
  };
  const start = async (): Promise<void> => {
    const flags = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--save', '', '--appendonly', 'no'];
    const started = spawn('redis-server', flags, { stdio: 'ignore' });
    server = started;
    await waitFor(async () => {
      if (started.exitCode !== null || started.signalCode !== null) throw new Error(`Redis ended with ${started.exitCode}.`);
      const answer = await command('PING').catch(() => undefined);
      return answer === '+PONG' ? answer : undefined;
    });
  };
  const kill = async (): Promise<void> => {
    const running = server;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}/0`,
    command,
    kill,
    freeze: () => void server?.kill('SIGSTOP'),
    resume: () => void server?.kill('SIGCONT'),
    start,
    async stop() {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
