import { lazy } from 'react';
import type { Api } from '../live/api.ts';
import type { Ask } from '../live/ask.ts';
import { QUIET_LIMIT_MS } from '../live/freshness.ts';
import type { LiveState } from '../live/model.ts';
import type { Judging } from './anomaly/judging.ts';
import type { Responding } from './respond/responding.ts';
import { PageFrame } from './page-frame.tsx';
import { pathOf, type ConsoleRoute } from './route.ts';

const AlertPage = lazy(async () => ({ default: (await import('./alert/alert-page.tsx')).AlertDetailPage }));
const IncidentsPage = lazy(async () => ({ default: (await import('./incidents/incidents-page.tsx')).IncidentsPage }));
const IncidentPage = lazy(async () => ({ default: (await import('./incidents/incident-page.tsx')).IncidentDetailPage }));
const RunbooksPage = lazy(async () => ({ default: (await import('./runbooks/runbooks-page.tsx')).RunbooksPage }));
const RunbookPage = lazy(async () => ({ default: (await import('./runbooks/runbook-page.tsx')).RunbookPage }));
const RunPage = lazy(async () => ({ default: (await import('./runbooks/run-page.tsx')).RunPage }));
const OnCallPage = lazy(async () => ({ default: (await import('./oncall/oncall-page.tsx')).OnCallPage }));
const ShiftsPage = lazy(async () => ({ default: (await import('./shifts/shifts-page.tsx')).ShiftsPage }));
const ShiftPage = lazy(async () => ({ default: (await import('./shifts/shift-page.tsx')).ShiftPage }));
const AuditPage = lazy(async () => ({ default: (await import('./audit/audit-page.tsx')).AuditLogPage }));
const SilencesPage = lazy(async () => ({ default: (await import('./silences/silences-page.tsx')).SilencesPage }));

interface OpenedPageProps {
  readonly route: ConsoleRoute;
  readonly api: Api;
  readonly ask: Ask;
  readonly state: Pick<LiveState, 'actor' | 'alerts' | 'connection' | 'runs'>;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
  /** Time of the stream, epoch milliseconds. */
  readonly streamNow: number;
  readonly responding: Responding;
  readonly judging: Judging;
  readonly onGo: (route: ConsoleRoute) => void;
}

/** The pages that are no part of the first script. */
export function OpenedPage(props: OpenedPageProps) {
  return (
    <PageFrame of={pathOf(props.route)}>
      <PageOfRoute {...props} />
    </PageFrame>
  );
}

function PageOfRoute({ route, state, ...rest }: OpenedPageProps) {
  const { api, ask, now, onGo } = rest;
  const { actor, alerts, connection, runs } = state;
  const isLive = connection.phase === 'open' && now - connection.heardAt <= QUIET_LIMIT_MS;
  switch (route.page) {
    case 'alert':
      return <AlertPage key={route.id} id={route.id} alerts={alerts} {...rest} />;
    case 'silences':
      return <SilencesPage api={api} now={now} />;
    case 'incidents':
      return <IncidentsPage ask={ask} now={now} onGo={onGo} />;
    case 'incident':
      return <IncidentPage key={route.id} id={route.id} section={route.section} ask={ask} now={now} onGo={onGo} />;
    case 'runbooks':
      return <RunbooksPage {...{ ask, now, onGo }} />;
    case 'runbook':
      return <RunbookPage key={route.name} name={route.name} {...{ ask, now, onGo }} />;
    case 'run':
      return <RunPage key={route.id} id={route.id} progress={runs.get(route.id)} {...{ ask, now, onGo, isLive }} />;
    case 'oncall':
      return <OnCallPage {...{ ask, now, onGo }} />;
    case 'shifts':
      return <ShiftsPage {...{ ask, now, onGo }} />;
    case 'shift':
      return <ShiftPage key={route.id} id={route.id} {...{ ask, now, onGo }} />;
    case 'audit':
      return <AuditPage {...{ ask, actor, now }} />;
    default:
      return null;
  }
}
