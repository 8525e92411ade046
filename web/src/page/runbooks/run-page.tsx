import { useCallback, useEffect, useMemo } from 'react';
import type { RunbookProgress } from '@transaction-guardian/contracts/read.ts';
import type { RunRecord, RunStep } from '@transaction-guardian/contracts/runbook.ts';
import { pageReasonText } from '@transaction-guardian/contracts/text/page-text.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import { formatMoment } from '../../ui/format.ts';
import { PageLink } from '../page-link.tsx';
import { useActing } from '../parts/acting.ts';
import { durationText } from '../parts/duration-text.ts';
import { Fact } from '../parts/fact.tsx';
import { useLoaded } from '../parts/loaded.ts';
import { LoadState } from '../parts/load-state.tsx';
import { usePageWords } from '../parts/page-words.ts';
import { RefusalNote } from '../parts/refusal.tsx';
import { createRunbooksApi } from './runbooks-api.ts';
import type { RunbooksPageProps } from './runbooks-page.tsx';
import { StateChip } from './state-chip.tsx';

/** The stream says when a step changes; without it the run is asked for. */
const HEARD_MS = 15_000;
const UNHEARD_MS = 2000;

interface RunPageProps extends RunbooksPageProps {
  readonly id: string;
  /** The newest report of the stream about this run. */
  readonly progress: RunbookProgress | undefined;
  /** The stream is up. */
  readonly isLive: boolean;
}

/** One run: its steps as they happen, its record once it has ended. */
export function RunPage({ id, ask, now, onGo, progress, isLive }: RunPageProps) {
  const { p } = usePageWords();
  const api = useMemo(() => createRunbooksApi(ask), [ask]);
  const loaded = useLoaded(
    useCallback(() => api.readRun(id), [api, id]),
    isLive ? HEARD_MS : UNHEARD_MS,
  );
  const { reload } = loaded;
  useEffect(() => {
    if (progress !== undefined) reload();
  }, [progress, reload]);
  const acting = useActing();
  const run = loaded.value;
  const cancel = () => void acting.run(() => api.cancel(id)).then(loaded.reload);
  const resume = () =>
    void acting.run(async () => {
      const { run: next } = await api.resume(id);
      if (next !== null) onGo({ page: 'run', id: next.id });
    });
  return (
    <section className="panel" id="run" aria-labelledby="run-title" tabIndex={-1}>
      <p className="back">
        <PageLink to={{ page: 'runbooks' }} onGo={onGo}>
          {p('page.back')}
        </PageLink>
      </p>
      <div className="panel-head">
        <h2 id="run-title">{run?.runbook ?? p('page.runbook.run_title')}</h2>
        {run !== null && <StateChip state={run.state} />}
      </div>
      <LoadState loaded={loaded} now={now} />
      {run !== null && (
        <>
          <RunFacts run={run} now={now} />
          <div className="respond-buttons">
            {run.state === 'running' && (
              <button type="button" className="tool" disabled={acting.isBusy} onClick={cancel}>
                {p('page.runbook.cancel')}
              </button>
            )}
            {run.state !== 'running' && run.state !== 'done' && (
              <button type="button" className="tool" disabled={acting.isBusy} onClick={resume}>
                {p('page.runbook.resume')}
              </button>
            )}
          </div>
          <RefusalNote acting={acting} />
          <Steps steps={run.steps} title={p('page.runbook.steps')} />
          {run.cleanup.length > 0 && <Steps steps={run.cleanup} title={p('page.runbook.cleanup')} />}
        </>
      )}
    </section>
  );
}

function RunFacts({ run, now }: { readonly run: RunRecord; readonly now: number }) {
  const { p, locale, timeZone } = usePageWords();
  const moment = (iso: string) => formatMoment(locale, timeZone, Date.parse(iso), now);
  const seconds = (Date.parse(run.ended_at ?? new Date(now).toISOString()) - Date.parse(run.started_at)) / 1000;
  const parameters = Object.entries(run.parameters).map(([name, value]) => `${name}=${String(value)}`);
  return (
    <>
      {run.reason !== null && <p className="form-failure">{pageReasonText(locale, run.reason, { timeZone })}</p>}
      {run.leaves !== null && <p>{run.leaves[locale]}</p>}
      <dl className="facts">
        <Fact name={p('page.runbook.started')}>{moment(run.started_at)}</Fact>
        <Fact name={p('page.runbook.duration')}>{durationText(Math.max(0, seconds))}</Fact>
        <Fact name={p('page.runbook.requested')}>
          {shownName(run.requested_by)} ({run.channel})
        </Fact>
        {run.confirmed_by !== null && <Fact name={p('page.runbook.confirmed')}>{shownName(run.confirmed_by)}</Fact>}
        {run.cancelled_by !== null && <Fact name={p('page.runbook.cancelled')}>{shownName(run.cancelled_by)}</Fact>}
        {parameters.length > 0 && <Fact name={p('page.runbook.parameters')}>{parameters.join(', ')}</Fact>}
        <Fact name={p('page.runbook.file')}>{run.file_hash.slice(0, 12)}</Fact>
      </dl>
    </>
  );
}

function Steps({ steps, title }: { readonly steps: readonly RunStep[]; readonly title: string }) {
  const { p, locale, timeZone } = usePageWords();
  return (
    <>
      <h3>{title}</h3>
      <ol className="run-steps" aria-live="polite">
        {steps.map((step) => (
          <li key={step.number} className={`row step-${step.state}`}>
            <StateChip state={step.state} />
            <div className="item-text">
              <p className="item-title">
                {step.number}. {step.name[locale]}
              </p>
              {[...(step.reason === null ? [] : [step.reason]), ...step.facts].map((reason) => (
                <p key={JSON.stringify(reason)}>{pageReasonText(locale, reason, { timeZone })}</p>
              ))}
              <p className="item-facts">
                <code>{step.does}</code>
                {step.attempts > 1 && <span>{p('page.alert.attempts', { n: step.attempts })}</span>}
              </p>
              {step.output !== '' && (
                <details>
                  <summary>{p('page.runbook.output', { n: step.output_bytes })}</summary>
                  <pre>{step.output}</pre>
                </details>
              )}
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}
