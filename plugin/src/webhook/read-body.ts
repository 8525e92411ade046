import type { IncomingMessage } from 'node:http';

/** Longest body, bytes: 100 alerts of the server take about 150 KB. */
const MOST_BYTES = 1024 * 1024;
/** How long a body may take to arrive. */
const ARRIVE_MS = 10_000;

export type Body = { readonly value: unknown } | { readonly status: 400 | 408 | 413; readonly problem: string };

/** Reads a body of JSON that is neither too long nor too slow. */
export async function readJsonBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => request.destroy(), ARRIVE_MS);
  try {
    for await (const part of request) {
      const bytes = part as Buffer;
      size += bytes.length;
      if (size > MOST_BYTES) return { status: 413, problem: `the body is longer than ${MOST_BYTES} bytes` };
      chunks.push(bytes);
    }
  } catch {
    return { status: 408, problem: 'the body did not arrive' };
  } finally {
    clearTimeout(timer);
  }
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown };
  } catch {
    return { status: 400, problem: 'the body is no JSON' };
  }
}
