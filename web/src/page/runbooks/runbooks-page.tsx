import { useCallback, useMemo, useState, type SubmitEvent } from 'react';
import { MAX_CODE, RUN_STATES } from '@transaction-guardian/contracts/runbook-word.ts';
import type { Ask } from '../../live/ask.ts';
import { PageLink } from '../page-link.tsx';
import { useActing } from '../parts/acting.ts';
import { Choice } from '../parts/choice.tsx';
import { useFilters } from '../parts/filters.ts';
import { useLoaded } from '../parts/loaded.ts';
import { useLoadedList } from '../parts/loaded-list.ts';
import { LoadState } from '../parts/load-state.tsx';
import { More } from '../parts/more.tsx';
import { usePageWords } from '../parts/page-words.ts';
import { RefusalNote } from '../parts/refusal.tsx';
import type { ConsoleRoute } from '../route.ts';
import { RunRows } from './run-rows.tsx';
import { createRunbooksApi, type RunbooksApi } from './runbooks-api.ts';

export interface RunbooksPageProps {
  readonly ask: Ask;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
  readonly onGo: (route: ConsoleRoute) => void;
}

const FILTERS = ['state'] as const;

/** Runbooks, a code of another person to confirm, and the history of runs. */
export function RunbooksPage({ ask, now, onGo }: RunbooksPageProps) {
  const { p } = usePageWords();
  const api = useMemo(() => createRunbooksApi(ask), [ask]);
  const { filters, set } = useFilters(FILTERS);
  const loaded = useLoaded(useCallback(() => api.list(), [api]));
  const runs = useLoadedList(useCallback((cursor: string) => api.runs({ state: filters.state, cursor }), [api, filters.state]));
  return (
    <>
      <section className="panel" id="runbooks" aria-labelledby="runbooks-title" tabIndex={-1}>
        <div className="panel-head">
          <h2 id="runbooks-title">{p('page.runbook.title')}</h2>
        </div>
        <LoadState loaded={loaded} now={now} />
        <ul className="rows">
          {(loaded.value?.items ?? []).map(({ name, description, problems, unavailable, running }) => (
            <li key={name} className="row item-row">
              <div className="item-text">
                <p className="item-title">
                  <PageLink to={{ page: 'runbook', name }} onGo={onGo}>
                    {name}
                  </PageLink>
                </p>
                <p className="item-facts">
                  <span>{description}</span>
                  {running !== null && <strong>{p('page.run.state_running')}</strong>}
                  {unavailable !== null && (
                    <span className="is-firing is-obstacle">{p('page.runbook.unavailable', { why: unavailable })}</span>
                  )}
                </p>
                {problems.map((problem) => (
                  <p key={problem} className="form-failure">
                    {problem}
                  </p>
                ))}
              </div>
            </li>
          ))}
        </ul>
        <ConfirmForm api={api} onGo={onGo} />
      </section>
      <section className="panel" aria-labelledby="runs-title">
        <div className="panel-head">
          <h2 id="runs-title">{p('page.runbook.history')}</h2>
        </div>
        <div className="filters">
          <Choice
            label={p('page.incident.state')}
            value={filters.state}
            onValue={(value) => set('state', value)}
            options={[['', p('page.all')], ...RUN_STATES.map((state) => [state, p(`page.run.state_${state}`)] as const)]}
          />
        </div>
        <LoadState loaded={runs} now={now} />
        {runs.value?.length === 0 && <p className="nothing">{p('page.runbook.none')}</p>}
        <RunRows runs={runs.value ?? []} now={now} onGo={onGo} />
        <More list={runs} />
      </section>
    </>
  );
}

/** Takes the code that another person was shown: of two people, the second starts it. */
function ConfirmForm({ api, onGo }: { readonly api: Pick<RunbooksApi, 'confirm'>; readonly onGo: (route: ConsoleRoute) => void }) {
  const { p } = usePageWords();
  const acting = useActing();
  const [code, setCode] = useState('');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void acting.run(async () => {
      const { run } = await api.confirm(code.trim());
      if (run !== null) onGo({ page: 'run', id: run.id });
    });
  };
  return (
    <form className="confirm-form" onSubmit={submit}>
      <label className="field">
        <span>{p('page.runbook.code')}</span>
        <input
          required
          maxLength={MAX_CODE}
          autoComplete="off"
          spellCheck={false}
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      </label>
      <button type="submit" className="tool" disabled={acting.isBusy}>
        {p('page.runbook.confirm')}
      </button>
      <RefusalNote acting={acting} />
    </form>
  );
}
