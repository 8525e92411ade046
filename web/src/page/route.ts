/** Sections of an incident, each with an address. */
export const INCIDENT_SECTIONS = ['overview', 'timeline', 'alerts', 'runbooks', 'postmortem'] as const;
export type IncidentSection = (typeof INCIDENT_SECTIONS)[number];

/** A page of the console, by its address. */
export type ConsoleRoute =
  | { readonly page: 'overview' }
  /** The overview with the detail of one anomaly. */
  | { readonly page: 'anomaly'; readonly id: string }
  | { readonly page: 'alerts' }
  /** `id`: of the alert's anomaly, or its fingerprint, which names the newest. */
  | { readonly page: 'alert'; readonly id: string }
  | { readonly page: 'silences' }
  | { readonly page: 'settings' }
  | { readonly page: 'incidents' }
  | { readonly page: 'incident'; readonly id: string; readonly section: IncidentSection }
  | { readonly page: 'runbooks' }
  | { readonly page: 'runbook'; readonly name: string }
  | { readonly page: 'run'; readonly id: string }
  | { readonly page: 'oncall' }
  | { readonly page: 'shifts' }
  /** `id`: of a briefing, `latest`, or `now`. */
  | { readonly page: 'shift'; readonly id: string }
  | { readonly page: 'audit' }
  | { readonly page: 'unknown'; readonly path: string };

const PAGES = ['alerts', 'silences', 'incidents', 'runbooks', 'oncall', 'shifts', 'audit', 'settings'] as const;

/** The page of an address; `hash`: links of earlier releases name an anomaly there (`/#an_...`). Pure. */
export function routeOf({ pathname, hash }: Pick<Location, 'pathname' | 'hash'>): ConsoleRoute {
  const path = pathname.replace(/(?<=.)\/$/, '');
  const linked = /^#(an_[\w-]+)$/.exec(hash)?.[1];
  if (path === '/') return linked === undefined ? { page: 'overview' } : { page: 'anomaly', id: linked };
  const parts = path.slice(1).split('/').map(decoded);
  return (parts.length === 1 ? pageOf(parts) : itemOf(parts)) ?? { page: 'unknown', path: pathname };
}

function pageOf([first]: readonly string[]): ConsoleRoute | undefined {
  return PAGES.map((page): ConsoleRoute => ({ page })).find(({ page }) => page === first);
}

function itemOf([first, id = '', section, ...more]: readonly string[]): ConsoleRoute | undefined {
  if (id === '' || more.length > 0) return undefined;
  if (first === 'incidents') {
    const shown = INCIDENT_SECTIONS.find((one) => one === (section ?? 'overview'));
    return shown === undefined ? undefined : { page: 'incident', id, section: shown };
  }
  // `/runbooks/{name}` is the page that says what to check, which the server writes.
  if (first === 'runbooks') return section === 'run' ? { page: 'runbook', name: id } : undefined;
  if (section !== undefined) return undefined;
  switch (first) {
    case 'anomalies':
      return { page: 'anomaly', id };
    case 'alerts':
      return { page: 'alert', id };
    case 'runs':
      return { page: 'run', id };
    case 'shifts':
      return { page: 'shift', id };
    default:
      return undefined;
  }
}

/** The path of a page. Pure. */
export function pathOf(route: ConsoleRoute): string {
  switch (route.page) {
    case 'overview':
      return '/';
    case 'anomaly':
      return `/anomalies/${encodeURIComponent(route.id)}`;
    case 'alert':
      return `/alerts/${encodeURIComponent(route.id)}`;
    case 'incident':
      return `/incidents/${encodeURIComponent(route.id)}${route.section === 'overview' ? '' : `/${route.section}`}`;
    case 'runbook':
      return `/runbooks/${encodeURIComponent(route.name)}/run`;
    case 'run':
      return `/runs/${encodeURIComponent(route.id)}`;
    case 'shift':
      return `/shifts/${encodeURIComponent(route.id)}`;
    case 'unknown':
      return route.path;
    default:
      return `/${route.page}`;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
