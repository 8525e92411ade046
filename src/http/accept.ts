const MAX_HEADERS = 500;

/** Says whether an `Accept` header lets us answer with one of the media types. No header, `*` and `type/*` count; a type
 *  with `q=0` does not. */
export function accepts(header: string | undefined, types: readonly string[]): boolean {
  return header === undefined || header === '' || types.some((type) => quality(header, type) > 0);
}

/** Preference 0..1 that an `Accept` header gives a media type; the most exact range wins. */
export function quality(header: string, type: string): number {
  const group = `${type.split('/')[0]}/*`;
  let best = { rank: -1, q: 0 };
  for (const part of header.toLowerCase().split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim());
    const rank = [`*/*`, group, type].indexOf(range);
    if (rank <= best.rank) continue;
    const q = Number(parameters.find((text) => text.startsWith('q='))?.slice(2) ?? 1);
    best = { rank, q: Number.isFinite(q) ? q : 0 };
  }
  return best.q;
}

/** Makes `accepts` for one list of types that remembers the headers it has seen. */
export function createAccepts(types: readonly string[]): (header: string | undefined) => boolean {
  const seen = new Map<string, boolean>();
  return (header) => {
    if (header === undefined || header === '*/*') return true;
    let answer = seen.get(header);
    if (answer === undefined) {
      if (seen.size >= MAX_HEADERS) seen.clear();
      seen.set(header, (answer = accepts(header, types)));
    }
    return answer;
  };
}

/** Makes `createAccepts` for every list of types that is asked for, once each. Problem documents always count as offered. */
export function createAcceptsByRoute(): (types: readonly string[]) => (header: string | undefined) => boolean {
  const byTypes = new Map<readonly string[], (header: string | undefined) => boolean>();
  return (types) => {
    let answer = byTypes.get(types);
    if (answer === undefined) byTypes.set(types, (answer = createAccepts([...types, 'application/problem+json'])));
    return answer;
  };
}
