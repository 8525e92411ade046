import type { IncomingMessage } from 'node:http';
import { hasCardNumber } from '../pan/card-number.ts';

const SANE = /^[A-Za-z0-9._:-]{1,64}$/;

/** Makes the id of each request: the caller's `X-Request-Id` when it is sane, else a short one that is unique in this run.
 *  `run`: a text that differs between runs. */
export function createRequestId(run: string): (request: IncomingMessage) => string {
  let count = 0;
  return (request) => {
    const given = request.headers['x-request-id'];
    if (typeof given === 'string' && SANE.test(given) && !hasCardNumber(given)) return given;
    return `${run}-${(++count).toString(36)}`;
  };
}
