import { chooseLocale, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyRequest } from 'fastify';

const MAX_HEADERS = 500;

/** Language of the caller: the first of `Accept-Language` that we have, else `fallback`. Remembers headers that it has seen. */
export function createRequestLanguage(fallback: Locale): (request: FastifyRequest) => Locale {
  const seen = new Map<string, Locale>();
  return (request) => {
    const header = request.headers['accept-language'];
    if (header === undefined) return fallback;
    let locale = seen.get(header);
    if (locale === undefined) {
      if (seen.size >= MAX_HEADERS) seen.clear();
      seen.set(header, (locale = chooseLocale(header, fallback)));
    }
    return locale;
  };
}
