import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import { GuardianError, messageOf } from '../errors.ts';
import type { Cli } from './cli.ts';
import { drained } from './drained.ts';

/** What the server says of one line, as soon as it is settled. */
export interface LineAnswer {
  readonly line: number;
  readonly status: 'accepted' | 'duplicate' | 'refused' | 'failed';
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  readonly raw?: string;
}

interface LastLine {
  readonly summary?: { readonly accepted: number; readonly duplicate: number; readonly refused: number; readonly failed: number };
  readonly problem?: Problem;
}

/** Streams a CSV to `POST /transactions/batch` and gives the answers while it is still being sent; memory stays bounded.
 *  `url`: of the route, with its query. Throws CLI_SERVER_UNREACHABLE (retryable), CLI_SERVER_REFUSED. */
export async function* uploadCsv(cli: Cli, url: URL, chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly LineAnswer[]> {
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = { 'content-type': 'text/csv', accept: 'application/x-ndjson', 'accept-language': cli.locale };
  const request = open(url, { method: 'POST', headers, signal: cli.signal });
  let failure: unknown;
  const sending = send(request, chunks).catch((error: unknown) => {
    failure = error;
    request.destroy();
  });
  const unreachable = (error: unknown) =>
    failure instanceof GuardianError
      ? failure
      : new GuardianError('CLI_SERVER_UNREACHABLE', cli.say('error.server', { url: url.origin, message: messageOf(error) }), {
          retryable: true,
          cause: error,
        });
  let response: IncomingMessage;
  try {
    [response] = (await once(request, 'response')) as [IncomingMessage];
  } catch (error) {
    throw unreachable(error);
  }
  try {
    yield* readAnswers(cli, response);
  } catch (error) {
    throw error instanceof GuardianError ? error : unreachable(error);
  } finally {
    request.destroy();
    await sending;
  }
}

async function send(request: ClientRequest, chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of chunks) {
    if (request.destroyed) return;
    if (!request.write(chunk)) await drained(request);
  }
  request.end();
}

async function* readAnswers(cli: Cli, response: IncomingMessage): AsyncGenerator<readonly LineAnswer[]> {
  const refuse = (status: number, { detail, title, errors }: Partial<Problem>) => {
    const more = (errors ?? []).map((error) => `${error.field}: ${error.message}`);
    const message = [detail ?? title ?? '', ...more].join(' ').trim();
    return new GuardianError('CLI_SERVER_REFUSED', cli.say('error.server_said', { status: String(status), message }), {
      data: { status },
      retryable: status >= 500,
    });
  };
  response.setEncoding('utf8');
  const isGood = response.statusCode !== undefined && response.statusCode < 300;
  let rest = '';
  let last: LastLine | undefined;
  for await (const text of response as AsyncIterable<string>) {
    rest += text;
    if (!isGood) continue;
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    const answers: LineAnswer[] = [];
    for (const line of lines) {
      const value = JSON.parse(line) as LineAnswer & LastLine;
      if (value.summary === undefined) answers.push(value);
      else last = value;
    }
    yield answers;
  }
  if (!isGood) throw refuse(response.statusCode ?? 500, parseProblem(rest));
  if (last?.problem !== undefined) throw refuse(last.problem.status, last.problem);
  if (last === undefined) throw new Error('the answer ended early');
}

function parseProblem(text: string): Partial<Problem> {
  try {
    return JSON.parse(text) as Partial<Problem>;
  } catch {
    return { detail: text.slice(0, 200) };
  }
}
