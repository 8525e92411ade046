import { setTimeout as sleep } from 'node:timers/promises';
import { isGuardianError, messageOf } from '../errors.ts';
import type { Cli } from './cli.ts';
import type { ServerClient } from './server-client.ts';

export interface SendCounts {
  accepted: number;
  duplicate: number;
  refused: number;
}

/** Sends rows so that none is lost: what was not confirmed is sent again, with the same ids, until it is or we are stopped. */
export interface Sender {
  /** Resolves when every row is confirmed or refused. Throws CLI_SERVER_REFUSED when the server cannot take the whole. */
  send(rows: readonly object[]): Promise<void>;
  /** The same for rows in a text of their own. */
  sendBody(body: string, contentType: string): Promise<void>;
  /** Says that a row with a count of these minutes (epoch milliseconds) was refused. Changes no count. */
  mark(minutes: readonly number[]): Promise<void>;
  readonly counts: Readonly<SendCounts>;
  /** Refusals in words, the first ones only. */
  readonly refusals: readonly string[];
}

interface BatchAnswer extends SendCounts {
  readonly failed: number;
  readonly items: readonly {
    readonly status: string;
    readonly id?: string;
    readonly errors?: readonly { readonly field: string; readonly message: string }[];
  }[];
}

const MAX_ROWS = 2000;
const MAX_REFUSALS = 20;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 3000;

/** Makes a sender to `POST /transactions/batch`. `source`: the name under which the rows are delivered. */
export function createSender(cli: Cli, client: ServerClient, { source }: { readonly source: string }): Sender {
  const counts: SendCounts = { accepted: 0, duplicate: 0, refused: 0 };
  const refusals: string[] = [];

  const post = async (body: string, contentType: string): Promise<BatchAnswer> => {
    const headers = { 'content-type': contentType, accept: 'application/json', 'x-guardian-source': source };
    const response = await client.request('/transactions/batch', { method: 'POST', headers, body, signal: cli.signal });
    return (await response.json()) as BatchAnswer;
  };

  /** The answer once everything is settled; null when we are stopped before. */
  const settle = async <T>(ask: () => Promise<T>, isSettled: (answer: T) => boolean): Promise<T | null> => {
    for (let pause = FIRST_PAUSE_MS; !cli.signal.aborted; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
      try {
        const answer = await ask();
        if (isSettled(answer)) return answer;
      } catch (error) {
        if (isGuardianError(error) && !error.retryable) throw error;
        if (!cli.signal.aborted && pause === FIRST_PAUSE_MS) cli.note(cli.say('replay.retry', { message: messageOf(error) }));
      }
      await sleep(pause, undefined, { signal: cli.signal }).catch(() => undefined);
    }
    return null;
  };

  const sendBody: Sender['sendBody'] = async (body, contentType) => {
    const answer = await settle(
      () => post(body, contentType),
      ({ failed }) => failed === 0,
    );
    if (answer === null) return;
    counts.accepted += answer.accepted;
    counts.duplicate += answer.duplicate;
    counts.refused += answer.refused;
    for (const item of answer.items) {
      if (item.status !== 'refused' || refusals.length >= MAX_REFUSALS) continue;
      refusals.push(`${item.id ?? '?'}: ${(item.errors ?? []).map((error) => `${error.field}: ${error.message}`).join('; ')}`);
    }
  };

  return {
    counts,
    refusals,
    sendBody,
    async mark(minutes) {
      const headers = { 'content-type': 'application/json' };
      for (const minute of minutes) {
        const body = JSON.stringify({ source, at: new Date(minute).toISOString(), incomplete: true });
        await settle(
          () => client.request('/heartbeat', { method: 'POST', headers, body, signal: cli.signal }),
          () => true,
        );
      }
    },
    async send(rows) {
      for (let from = 0; from < rows.length && !cli.signal.aborted; from += MAX_ROWS) {
        const part = rows.slice(from, from + MAX_ROWS);
        await sendBody(part.map((row) => `${JSON.stringify(row)}\n`).join(''), 'application/x-ndjson');
      }
    },
  };
}
