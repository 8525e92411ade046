import { chooseLocale, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyRequest } from 'fastify';
import type { Directory } from '../auth/directory.ts';

const MAX_HEADERS = 500;

/** Language of the caller: the first of `Accept-Language` that we have, else that of the person who acts or for whom a program acts,
 *  else `fallback`. Remembers headers that it has seen. */
export function createRequestLanguage(fallback: Locale, directory?: Pick<Directory, 'byId'>): (request: FastifyRequest) => Locale {
  const seen = new Map<string, Locale | null>();
  const named = (header: string): Locale | null => {
    const known = seen.get(header);
    if (known !== undefined) return known;
    if (seen.size >= MAX_HEADERS) seen.clear();
    const locale = chooseLocale(header, null);
    seen.set(header, locale);
    return locale;
  };
  return ({ headers, actor }) => {
    const header = headers['accept-language'];
    const asked = header === undefined ? null : named(header);
    if (asked !== null) return asked;
    return (actor?.kind === 'person' ? directory?.byId(actor.id)?.language : undefined) ?? fallback;
  };
}
