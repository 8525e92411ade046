import type { RuleParams } from '../../../errors.ts';
import { isBlockedPort } from './blocked-ports.ts';

/** Where a webhook is, as configured. */
interface Address {
  readonly url: string;
  readonly token?: string | undefined;
}

/** Where and with which `Authorization` a receiver is sent its messages: its token, or the credentials of its URL (RFC 7617), which
 *  no HTTP client takes inside of a URL. Throws a TypeError for a text that is no URL. Pure. */
export function targetOf({ url, token }: Address): { readonly url: string; readonly authorization?: string } {
  const target = new URL(url);
  const { username, password } = target;
  target.username = target.password = '';
  if (token !== undefined) return { url: target.href, authorization: `Bearer ${token}` };
  if (username === '' && password === '') return { url: target.href };
  const credentials = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64');
  return { url: target.href, authorization: `Basic ${credentials}` };
}

/** Why no message can be sent to a receiver with this address, as a rule of the configuration (`problem.config.<rule>`) and never with
 *  the address itself; null when one can. */
export function addressProblem({ url, token }: Address): AddressProblem | null {
  if (!URL.canParse(url)) return { rule: 'url', params: { example: 'https://example.com/hook' } };
  const parsed = new URL(url);
  if (isBlockedPort(parsed)) return { rule: 'port', params: { port: parsed.port } };
  const hasCredentials = parsed.username !== '' || parsed.password !== '';
  return hasCredentials && token !== undefined ? { rule: 'credentials' } : null;
}

interface AddressProblem {
  readonly rule: 'url' | 'port' | 'credentials';
  readonly params?: RuleParams;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
