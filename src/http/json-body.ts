import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { problemError } from './problem.ts';

const BYTE_ORDER_MARK_BYTES = 3;

/** Reads JSON bodies: strict UTF-8 (a byte order mark is fine), the position of a mistake, nothing of the body in the error. Every other type of body is
 *  answered 415. Applies to the instance and what is registered below it. */
export function acceptJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(typeof body === 'string' ? Buffer.from(body) : body));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)), undefined);
    }
  });
}

/** The value of a JSON body. Throws INGEST_ENCODING and INGEST_JSON. */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) throw problemError('INGEST_JSON', { wording: 'empty' });
  if (!isUtf8(body)) throw problemError('INGEST_ENCODING', { params: { position: invalidUtf8At(body) } });
  const mark = hasByteOrderMark(body) ? 1 : 0;
  const text = body.toString('utf8', mark * BYTE_ORDER_MARK_BYTES);
  if (text === '') throw problemError('INGEST_JSON', { wording: 'empty' });
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const position = /position (\d+)/.exec(error.message)?.[1] ?? text.length;
    throw problemError('INGEST_JSON', { params: { position: Number(position) + mark } });
  }
}

function hasByteOrderMark(body: Buffer): boolean {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
}

/** First byte that is not part of valid UTF-8. */
function invalidUtf8At(body: Buffer): number {
  let valid = 0;
  let tooFar = body.length;
  while (tooFar - valid > 1) {
    const middle = (valid + tooFar) >>> 1;
    if (isPrefix(body, middle)) valid = middle;
    else tooFar = middle;
  }
  while (!isUtf8(body.subarray(0, valid))) valid--;
  return valid;
}

/** True when the first `length` bytes are valid but for a character that is cut at their end. */
function isPrefix(body: Buffer, length: number): boolean {
  for (let cut = 0; cut <= 3 && cut <= length; cut++) if (isUtf8(body.subarray(0, length - cut))) return true;
  return false;
}
