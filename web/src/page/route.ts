/** A page of the console, by its address. */
export type Route =
  | { readonly page: 'overview' }
  /** The overview with the detail of one anomaly. */
  | { readonly page: 'anomaly'; readonly id: string }
  | { readonly page: 'alerts' }
  | { readonly page: 'silences' }
  | { readonly page: 'unknown'; readonly path: string };

/** The page of an address; `hash`: links of earlier releases name an anomaly there (`/#an_...`). Pure. */
export function routeOf({ pathname, hash }: Pick<Location, 'pathname' | 'hash'>): Route {
  const path = pathname.replace(/(?<=.)\/$/, '');
  const linked = /^#(an_[\w-]+)$/.exec(hash)?.[1];
  if (path === '/') return linked === undefined ? { page: 'overview' } : { page: 'anomaly', id: linked };
  if (path === '/alerts') return { page: 'alerts' };
  if (path === '/silences') return { page: 'silences' };
  const id = /^\/anomalies\/([^/]+)$/.exec(path)?.[1];
  return id === undefined ? { page: 'unknown', path: pathname } : { page: 'anomaly', id: decoded(id) };
}

/** The path of a page. Pure. */
export function pathOf(route: Route): string {
  switch (route.page) {
    case 'overview':
      return '/';
    case 'anomaly':
      return `/anomalies/${encodeURIComponent(route.id)}`;
    case 'alerts':
      return '/alerts';
    case 'silences':
      return '/silences';
    case 'unknown':
      return route.path;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
