import { useCallback, useMemo, useState, type SubmitEvent } from 'react';
import type { ParameterValues, RunAnswer, RunbookDryRun, RunbookView, RunConfirmation } from '@transaction-guardian/contracts/runbook.ts';
import { formatTime } from '../../ui/format.ts';
import { PageLink } from '../page-link.tsx';
import { useActing } from '../parts/acting.ts';
import { useLoaded } from '../parts/loaded.ts';
import { LoadState } from '../parts/load-state.tsx';
import { usePageWords } from '../parts/page-words.ts';
import { RefusalNote } from '../parts/refusal.tsx';
import { ParameterField } from './parameter-field.tsx';
import { RunRows } from './run-rows.tsx';
import { createRunbooksApi, type RunbooksApi } from './runbooks-api.ts';
import type { RunbooksPageProps } from './runbooks-page.tsx';

/** One runbook: its parameters, what it would do, its confirmation, and its runs. */
export function RunbookPage({ name, ask, now, onGo }: RunbooksPageProps & { readonly name: string }) {
  const { p, t } = usePageWords();
  const api = useMemo(() => createRunbooksApi(ask), [ask]);
  const loaded = useLoaded(useCallback(() => api.read(name), [api, name]));
  const runs = useLoaded(useCallback(() => api.runs({ runbook: name }), [api, name]));
  const runbook = loaded.value;
  return (
    <section className="panel" id="runbook" aria-labelledby="runbook-title" tabIndex={-1}>
      <p className="back">
        <PageLink to={{ page: 'runbooks' }} onGo={onGo}>
          {p('page.back')}
        </PageLink>
      </p>
      <div className="panel-head">
        <h2 id="runbook-title">{name}</h2>
      </div>
      <LoadState loaded={loaded} now={now} />
      {runbook !== null && (
        <>
          <p>{runbook.description}</p>
          <p className="item-facts">
            <span>{p(`page.runbook.confirm_${runbook.confirm}`)}</span>
            <span>{runbook.roles.map((role) => t(`role.${role}`)).join(', ')}</span>
            {runbook.runs_by_itself && <span>{p('page.runbook.by_itself')}</span>}
            {runbook.unavailable !== null && (
              <span className="is-firing is-obstacle">{p('page.runbook.unavailable', { why: runbook.unavailable })}</span>
            )}
          </p>
          <RunForm runbook={runbook} api={api} now={now} onStarted={(id) => onGo({ page: 'run', id })} />
        </>
      )}
      <h3>{p('page.runbook.history')}</h3>
      <LoadState loaded={runs} now={now} />
      {runs.value?.items.length === 0 && <p className="hint">{p('page.runbook.none')}</p>}
      <RunRows runs={runs.value?.items ?? []} now={now} onGo={onGo} />
    </section>
  );
}

interface RunFormProps {
  readonly runbook: RunbookView;
  readonly api: RunbooksApi;
  readonly now: number;
  readonly onStarted: (id: string) => void;
}

function RunForm({ runbook, api, now, onStarted }: RunFormProps) {
  const { p } = usePageWords();
  const acting = useActing();
  const [given, setGiven] = useState<ParameterValues>({});
  const [plan, setPlan] = useState<RunbookDryRun | null>(null);
  const [confirmation, setConfirmation] = useState<RunConfirmation | null>(null);
  const take = ({ run, confirmation: asked }: RunAnswer) => {
    setConfirmation(asked);
    if (run !== null) onStarted(run.id);
  };
  const set = (name: string, value: ParameterValues[string] | undefined) => {
    const { [name]: _before, ...others } = given;
    setGiven(value === undefined ? others : { ...others, [name]: value });
    setPlan(null);
    setConfirmation(null);
  };
  const look = () => acting.run(async () => setPlan(await api.dryRun(runbook.name, given)));
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void acting.run(async () => take(await api.run(runbook.name, given)));
  };
  return (
    <>
      <form className="form" onSubmit={submit}>
        {runbook.parameters.map((parameter) => (
          <ParameterField
            key={parameter.name}
            parameter={parameter}
            value={given[parameter.name]}
            onValue={(value) => set(parameter.name, value)}
          />
        ))}
        <div className="respond-buttons">
          <button type="button" className="tool" disabled={acting.isBusy} onClick={() => void look()}>
            {p('page.runbook.dry_run')}
          </button>
          <button type="submit" className="tool is-first" disabled={acting.isBusy || runbook.problems.length > 0}>
            {p('page.runbook.run')}
          </button>
        </div>
      </form>
      <RefusalNote acting={acting} />
      {confirmation !== null ? (
        <Confirmation
          {...{ confirmation, now }}
          isBusy={acting.isBusy}
          onConfirm={() => void acting.run(async () => take(await api.confirm(confirmation.code)))}
        />
      ) : (
        plan !== null && <Plan plan={plan} />
      )}
    </>
  );
}

/** What a run would do, and what would keep it from that. */
function Plan({ plan }: { readonly plan: RunbookDryRun }) {
  const { p } = usePageWords();
  return (
    <div className="plan">
      <p>{plan.text}</p>
      {plan.obstacles.map((obstacle) => (
        <p key={obstacle} className="form-failure">
          {p('page.runbook.obstacle', { why: obstacle })}
        </p>
      ))}
      <ol className="plan-steps">
        {plan.steps.map(({ name, does }) => (
          <li key={`${name} ${does}`}>
            {name} <code>{does}</code>
          </li>
        ))}
      </ol>
    </div>
  );
}

interface ConfirmationProps {
  readonly confirmation: RunConfirmation;
  readonly now: number;
  readonly isBusy: boolean;
  readonly onConfirm: () => void;
}

/** Asks for the confirmation: of the same person by a button, of a second one by a code to hand on. */
function Confirmation({ confirmation, now, isBusy, onConfirm }: ConfirmationProps) {
  const { p, locale, timeZone } = usePageWords();
  const { code, confirm, expires_at: end } = confirmation;
  const isOver = Date.parse(end) <= now;
  return (
    <div className="confirmation" role="status">
      <Plan plan={confirmation.dry_run} />
      {isOver ? (
        <p className="form-failure">{p('page.runbook.expired')}</p>
      ) : (
        <>
          <p>
            {p(confirm === 'second_person' ? 'page.runbook.second_person' : 'page.runbook.self')}{' '}
            {p('page.runbook.until', { at: formatTime(locale, timeZone, Date.parse(end), 'second') })}
          </p>
          {confirm === 'second_person' ? (
            <p className="code">{code}</p>
          ) : (
            <button type="button" className="tool is-first" disabled={isBusy} onClick={onConfirm}>
              {p('page.runbook.confirm')}
            </button>
          )}
        </>
      )}
    </div>
  );
}
