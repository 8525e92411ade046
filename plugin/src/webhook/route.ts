import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Deliver } from '../alert/deliver.ts';
import type { DeliveryAnswer } from '../alert/delivery.ts';
import { within } from '../within.ts';
import { readJsonBody } from './read-body.ts';
import { readPayload } from '../payload.ts';
import type { RateLimit } from './rate-limit.ts';

export interface WebhookDeps {
  readonly token: () => string;
  /** Null until the plugin's service has started. */
  readonly deliver: () => Deliver | null;
  readonly limit: RateLimit;
  /** How the server is, for whoever checks the way: `ok`, or why it does not answer. */
  readonly server: () => Promise<string>;
  /** How many receivers there are; with none a notification would reach nobody. */
  readonly targets: number;
}

export const WEBHOOK_PATH = '/webhook/alertmanager';
/** Header of a check of the way, which delivers nothing: `guardian doctor`. */
const CHECK_HEADER = 'x-guardian-check';
/** Notifications that are worked on at once. */
const MOST_AT_ONCE = 64;
/** Whoever notifies is answered by then: it comes again, and joins what is still going on. */
const ANSWER_MS = 9000;

/** `POST /webhook/alertmanager`. 200 once every chat has the message or the gateway's queue holds it; 502 when a channel did not take
 *  it, so that the sender comes again; 503 while it is not known. */
export function createWebhook({ token, deliver, limit, targets, server }: WebhookDeps) {
  let atOnce = 0;
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const answer = (status: number, detail: string, headers: Readonly<Record<string, string>> = {}, more: object = {}): true => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify({ status, detail, ...more }));
      return true;
    };
    if (request.method !== 'POST') return answer(405, 'POST only', { allow: 'POST' });
    if (!limit.take(request.socket.remoteAddress ?? '')) return answer(429, 'too many requests', { 'retry-after': '5' });
    if (!isAuthorized(request.headers.authorization, token()))
      return answer(401, 'wrong or missing bearer token', { 'www-authenticate': 'Bearer' });
    const work = deliver();
    if (work === null) return answer(503, 'starting', { 'retry-after': '1' });
    if (targets === 0) return answer(503, 'deliverTo is empty: nobody would get this');
    if (request.headers[CHECK_HEADER] !== undefined) return answer(200, 'ready', {}, { server: await server() });
    if (atOnce >= MOST_AT_ONCE) return answer(503, 'busy', { 'retry-after': '2' });
    atOnce++;
    try {
      const body = await readJsonBody(request);
      if ('problem' in body) return answer(body.status, body.problem);
      const read = readPayload(body.value);
      if ('problem' in read) return answer(400, read.problem);
      const id = request.headers['x-guardian-notification'] ?? request.headers['x-guardian-notification-id'];
      const delivery = await within<DeliveryAnswer | null>(
        work(read.group, typeof id === 'string' ? id.slice(0, 100) : ''),
        ANSWER_MS,
        null,
      );
      if (delivery === null) return answer(503, 'the channel has not answered yet', { 'retry-after': '5' });
      return delivery.kind === 'delivered' ? answer(200, 'delivered') : answer(502, delivery.error);
    } finally {
      atOnce--;
    }
  };
}

/** Compares in constant time, whatever the lengths. Without a configured token nobody is authorized. */
export function isAuthorized(header: string | undefined, token: string): boolean {
  const [, given = ''] = /^Bearer +(\S+) *$/i.exec(header ?? '') ?? [];
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token)) && token !== '';
}
