import { failureOf } from '../../errors.ts';
import { fill, fillUrl } from '../placeholder.ts';
import type { CheckFile } from '../runbook-schema.ts';
import { secretOf } from '../secret.ts';
import { done, failed, type StepContext, type StepOutcome } from './step-context.ts';

/** Most of an answer that is read. */
const MAX_BYTES = 1_048_576;

/** Makes an HTTP call and checks its answer. Redirects are answers like any other. */
export async function runHttpStep(work: CheckFile, context: StepContext): Promise<StepOutcome> {
  const { http, expect = {} } = work;
  if (http === undefined) return failed('runbook_nothing');
  const url = fillUrl(http.url, context.values);
  let response: Response;
  let body: Buffer;
  try {
    response = await fetch(url, {
      method: http.method ?? 'GET',
      redirect: 'manual',
      signal: context.signal,
      ...(await headersAndBody(http, context)),
    });
    body = await readBody(response);
  } catch (error) {
    return context.signal.aborted ? failed('runbook_timeout') : failed('runbook_http_unreachable', { url, message: failureOf(error) });
  }
  context.output.print(`HTTP ${response.status}`);
  context.output.take(body);
  const isGood = expect.status === undefined ? response.ok : expect.status.includes(response.status);
  if (!isGood) return failed('runbook_http_status', { status: response.status, expected: expect.status?.join(', ') ?? '200..299' });
  const text = body.toString('utf8');
  if (expect.contains !== undefined && !text.includes(String(fill(expect.contains, context.values))))
    return failed('runbook_contains', { expected: expect.contains });
  return expect.json === undefined ? done : checkJson(text, expect.json, context);
}

async function headersAndBody(
  { headers = {}, body }: NonNullable<CheckFile['http']>,
  context: StepContext,
): Promise<{ readonly headers: Record<string, string>; readonly body?: string }> {
  const filled: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const reference = secretOf(value);
    filled[name.toLowerCase()] = reference === undefined ? String(fill(value, context.values)) : await context.secret(reference);
  }
  if (body === undefined) return { headers: filled };
  const content = fill(body, context.values);
  if (typeof content === 'string') return { headers: filled, body: content };
  return { headers: { 'content-type': 'application/json', ...filled }, body: JSON.stringify(content) };
}

async function readBody(response: Response): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    bytes += part.byteLength;
    // To leave the loop ends the transfer.
    if (bytes >= MAX_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, MAX_BYTES);
}

function checkJson(text: string, wanted: Readonly<Record<string, readonly unknown[]>>, { values }: StepContext): StepOutcome {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return failed('runbook_not_json');
  }
  for (const [path, allowed] of Object.entries(wanted)) {
    const found = path.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown> | null | undefined)?.[part], answer);
    const good = allowed.map((value) => fill(value, values));
    if (!good.includes(found))
      return failed('runbook_json', { path, found: JSON.stringify(found)?.slice(0, 100) ?? '-', expected: good.join(', ') });
  }
  return done;
}
