import { useCallback } from 'react';
import type { Incident } from '@transaction-guardian/contracts/incident.ts';
import { PageLink } from '../page-link.tsx';
import { useLoaded } from '../parts/loaded.ts';
import { LoadState } from '../parts/load-state.tsx';
import { usePageWords } from '../parts/page-words.ts';
import { RunRows } from '../runbooks/run-rows.tsx';
import type { ConsoleRoute } from '../route.ts';
import type { IncidentsApi } from './incidents-api.ts';

interface RunbooksSectionProps {
  readonly incident: Incident;
  readonly api: Pick<IncidentsApi, 'runbooks' | 'runs'>;
  readonly now: number;
  readonly onGo: (route: ConsoleRoute) => void;
}

/** Runbooks that are suggested for the alerts of an incident, and what ran while it was open. */
export function RunbooksSection({ incident, api, now, onGo }: RunbooksSectionProps) {
  const { p } = usePageWords();
  const loaded = useLoaded(
    useCallback(async () => {
      const [runbooks, runs] = await Promise.all([api.runbooks(), api.runs()]);
      return { runbooks: runbooks.items, runs: runs.items };
    }, [api]),
  );
  const types = new Set(incident.alerts.map(({ type }) => type));
  const suggested = (loaded.value?.runbooks ?? []).filter(
    ({ alerts, problems }) => problems.length === 0 && alerts.some((type) => types.has(type)),
  );
  const [begin, end] = [Date.parse(incident.first_bad_minute ?? incident.opened_at), Date.parse(incident.resolved_at ?? '9999-12-31')];
  const runs = (loaded.value?.runs ?? []).filter(({ started_at: at }) => Date.parse(at) >= begin && Date.parse(at) <= end);
  return (
    <>
      <LoadState loaded={loaded} now={now} />
      {loaded.value !== null && (
        <>
          <h3>{p('page.incident.suggested')}</h3>
          {suggested.length === 0 && <p className="hint">{p('page.incident.suggested_none')}</p>}
          <ul className="rows">
            {suggested.map(({ name, description }) => (
              <li key={name} className="row item-row">
                <div className="item-text">
                  <p className="item-title">
                    <PageLink to={{ page: 'runbook', name }} onGo={onGo}>
                      {name}
                    </PageLink>
                  </p>
                  <p className="item-facts">{description}</p>
                </div>
              </li>
            ))}
          </ul>
          <h3>{p('page.incident.runs')}</h3>
          {runs.length === 0 && <p className="hint">{p('page.incident.runs_none')}</p>}
          <RunRows runs={runs} now={now} onGo={onGo} />
        </>
      )}
    </>
  );
}
