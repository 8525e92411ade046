import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Clock } from '../clock.ts';
import { runProgram } from './program.ts';

/** What a run of the program in a test left behind. */
export interface TestRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The wall clock of such a run. It begins at one time on every day of the calendar, since texts name the year when it is another
 *  one, and rows are refused when they are too old; it goes on as time passes. */
export const TEST_CLOCK: Clock = {
  now: () => Date.parse('2026-11-30T12:00:00Z') + Math.floor(performance.now()),
  monotonic: () => performance.now(),
};

export interface TestRunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** Default: `TEST_CLOCK`. */
  readonly clock?: Clock;
}

/** Runs the program inside the test, in English unless `env` says otherwise. */
export async function runInTest(args: readonly string[], options: TestRunOptions): Promise<TestRun> {
  let out = '';
  let err = '';
  const code = await runProgram({
    args,
    env: { GUARDIAN_LOCALE: 'en', ...options.env },
    cwd: options.cwd,
    stdin: inputOf(options.stdin ?? ''),
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    clock: options.clock ?? TEST_CLOCK,
    signal: options.signal ?? new AbortController().signal,
  });
  return { code, out, err };
}

async function* inputOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

/** An empty folder that is gone after the test. */
export function testFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'guardian-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server that answers as `answer` says; its address. */
export async function testServer(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => answer(request, response, body));
    request.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
