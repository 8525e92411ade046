import { lazy } from 'react';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Api } from '../live/api.ts';
import type { Ask } from '../live/ask.ts';
import type { Route } from './route.ts';

const IncidentsPage = lazy(async () => ({ default: (await import('./incidents/incidents-page.tsx')).IncidentsPage }));
const IncidentPage = lazy(async () => ({ default: (await import('./incidents/incident-page.tsx')).IncidentPage }));
const SilencesPage = lazy(async () => ({ default: (await import('./silences/silences-page.tsx')).SilencesPage }));

export interface OpenedPageProps {
  readonly route: Route;
  readonly api: Api;
  readonly ask: Ask;
  /** The alerts that fire. */
  readonly alerts: readonly AlertView[];
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
  readonly onGo: (route: Route) => void;
}

/** The pages that are no part of the first script. */
export function OpenedPage({ route, api, ask, now, onGo }: OpenedPageProps) {
  switch (route.page) {
    case 'silences':
      return <SilencesPage api={api} now={now} />;
    case 'incidents':
      return <IncidentsPage ask={ask} now={now} onGo={onGo} />;
    case 'incident':
      return <IncidentPage key={route.id} id={route.id} section={route.section} ask={ask} now={now} onGo={onGo} />;
    default:
      return null;
  }
}
