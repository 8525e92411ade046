import { useCallback, useMemo } from 'react';
import { INCIDENT_STATES, PRIORITIES } from '@transaction-guardian/contracts/incident-state.ts';
import type { Ask } from '../../live/ask.ts';
import { Choice } from '../parts/choice.tsx';
import { useFilters } from '../parts/filters.ts';
import { useLoaded } from '../parts/loaded.ts';
import { useLoadedList } from '../parts/loaded-list.ts';
import { LoadState } from '../parts/load-state.tsx';
import { More } from '../parts/more.tsx';
import { usePageWords } from '../parts/page-words.ts';
import type { ConsoleRoute } from '../route.ts';
import { FiguresTable } from './figures-table.tsx';
import { IncidentForm } from './incident-form.tsx';
import { IncidentRows } from './incident-rows.tsx';
import { createIncidentsApi } from './incidents-api.ts';

interface IncidentsPageProps {
  readonly ask: Ask;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
  readonly onGo: (route: ConsoleRoute) => void;
}

const FILTERS = ['state', 'priority', 'days'] as const;
const DAYS = [1, 7, 30, 90] as const;
const DEFAULT_DAYS = '30';
const DAY_MS = 86_400_000;

/** Incidents of a period, the newest first, with their mean times, and the form that opens one. */
export function IncidentsPage({ ask, now, onGo }: IncidentsPageProps) {
  const { p } = usePageWords();
  const api = useMemo(() => createIncidentsApi(ask), [ask]);
  const { filters, set } = useFilters(FILTERS);
  const { state, priority } = filters;
  const days = filters.days === '' ? DEFAULT_DAYS : filters.days;
  const since = useCallback(() => new Date(days === 'all' ? 0 : Date.now() - Number(days) * DAY_MS).toISOString(), [days]);
  const load = useCallback((cursor: string) => api.list({ state, priority, cursor, from: since() }), [api, state, priority, since]);
  const list = useLoadedList(load);
  const figures = useLoaded(useCallback(() => api.figures(since()), [api, since]));
  const open = figures.value?.items.find((one) => one.priority === null)?.open ?? 0;
  return (
    <>
      <section className="panel" id="incidents" aria-labelledby="incidents-title" tabIndex={-1}>
        <div className="panel-head">
          <h2 id="incidents-title">
            {p('page.incident.title_page')} {open > 0 && <span className="count">{p('page.incident.open_count', { n: open })}</span>}
          </h2>
        </div>
        <div className="filters">
          <Choice
            label={p('page.incident.state')}
            value={state}
            onValue={(value) => set('state', value)}
            options={[['', p('page.all')], ...INCIDENT_STATES.map((one) => [one, p(`incident.state.${one}`)] as const)]}
          />
          <Choice
            label={p('page.incident.priority')}
            value={priority}
            onValue={(value) => set('priority', value)}
            options={[['', p('page.incident.total')], ...PRIORITIES.map((one) => [one, one] as const)]}
          />
          <Choice
            label={p('page.incident.period')}
            value={days}
            onValue={(value) => set('days', value === DEFAULT_DAYS ? '' : value)}
            options={[...DAYS.map((n) => [String(n), p('page.days', { n })] as const), ['all', p('page.whole_time')]]}
          />
        </div>
        <LoadState loaded={list} now={now} />
        {list.value?.length === 0 && <p className="nothing">{p('page.incident.none')}</p>}
        <IncidentRows incidents={list.value ?? []} now={now} onGo={onGo} />
        <More list={list} />
        <IncidentForm api={api} onOpened={(incident) => onGo({ page: 'incident', id: incident.id, section: 'overview' })} />
      </section>
      <section className="panel" aria-labelledby="figures-title">
        <div className="panel-head">
          <h2 id="figures-title">{p('page.incident.figures')}</h2>
        </div>
        <LoadState loaded={figures} now={now} />
        {figures.value !== null && <FiguresTable figures={figures.value.items} />}
      </section>
    </>
  );
}
