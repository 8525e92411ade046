import type { RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import { formatMoment } from '../../ui/format.ts';
import { PageLink } from '../page-link.tsx';
import { durationText } from '../parts/duration-text.ts';
import { usePageWords } from '../parts/page-words.ts';
import type { ConsoleRoute } from '../route.ts';
import { StateChip } from './state-chip.tsx';

interface RunRowsProps {
  readonly runs: readonly RunRecord[];
  readonly now: number;
  readonly onGo: (route: ConsoleRoute) => void;
}

/** Runs, a card each: state, runbook, who asked, when, how long. */
export function RunRows({ runs, now, onGo }: RunRowsProps) {
  const { p, locale, timeZone } = usePageWords();
  return (
    <ul className="rows">
      {runs.map((run) => (
        <li key={run.id} className={`row item-row run-${run.state}`}>
          <StateChip state={run.state} />
          <div className="item-text">
            <p className="item-title">
              <PageLink to={{ page: 'run', id: run.id }} onGo={onGo}>
                {run.runbook}
              </PageLink>
            </p>
            <p className="item-facts">
              <span>{formatMoment(locale, timeZone, Date.parse(run.started_at), now)}</span>
              <span>{p('page.run.by', { name: shownName(run.requested_by) })}</span>
              {run.confirmed_by !== null && <span>{p('page.run.confirmed_by', { name: shownName(run.confirmed_by) })}</span>}
              {run.ended_at !== null && <span>{durationText((Date.parse(run.ended_at) - Date.parse(run.started_at)) / 1000)}</span>}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
