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

/** Why no message can be sent to a receiver with this address, in the words of a problem of the configuration and never with the
 *  address itself; null when one can. */
export function addressProblem({ url, token }: Address): string | null {
  if (!URL.canParse(url)) return 'url: must be a URL such as https://example.com/hook';
  const parsed = new URL(url);
  if (isBlockedPort(parsed)) return `url: uses port ${parsed.port}, which HTTP clients refuse to connect to`;
  const hasCredentials = parsed.username !== '' || parsed.password !== '';
  return hasCredentials && token !== undefined ? 'has both a token and credentials in its url; give one of them' : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
