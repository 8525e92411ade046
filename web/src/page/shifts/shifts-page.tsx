import { useCallback } from 'react';
import type { BriefingPage } from '@transaction-guardian/contracts/briefing.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import { queryText, type Ask } from '../../live/ask.ts';
import { formatMoment } from '../../ui/format.ts';
import { PageLink } from '../page-link.tsx';
import { useLoadedList } from '../parts/loaded-list.ts';
import { LoadState } from '../parts/load-state.tsx';
import { More } from '../parts/more.tsx';
import { usePageWords } from '../parts/page-words.ts';
import type { ConsoleRoute } from '../route.ts';

export interface ShiftsPageProps {
  readonly ask: Ask;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
  readonly onGo: (route: ConsoleRoute) => void;
}

/** Briefings, the latest due first, and the one of the last eight hours. */
export function ShiftsPage({ ask, now, onGo }: ShiftsPageProps) {
  const { p, locale, timeZone } = usePageWords();
  const list = useLoadedList(useCallback((cursor: string) => ask.get<BriefingPage>(`/briefings${queryText({ cursor })}`), [ask]));
  return (
    <section className="panel" id="shifts" aria-labelledby="shifts-title" tabIndex={-1}>
      <div className="panel-head">
        <h2 id="shifts-title">{p('page.shift.title')}</h2>
        <PageLink to={{ page: 'oncall' }} onGo={onGo}>
          {p('page.oncall.title')}
        </PageLink>
      </div>
      <p className="alert-next">
        <PageLink to={{ page: 'shift', id: 'now' }} onGo={onGo}>
          {p('page.shift.now')}
        </PageLink>
      </p>
      <LoadState loaded={list} now={now} />
      {list.value?.length === 0 && <p className="nothing">{p('page.shift.none')}</p>}
      <ul className="rows">
        {(list.value ?? []).map(({ id, shift, kind, due_at, facts, accepted_by }) => (
          <li key={id} className="row item-row">
            <div className="item-text">
              <p className="item-title">
                <PageLink to={{ page: 'shift', id }} onGo={onGo}>
                  {shift} · {p(`page.shift.kind_${kind}`)} · {formatMoment(locale, timeZone, Date.parse(due_at), now)}
                </PageLink>
              </p>
              <p className="item-facts">
                <span>{p('page.shift.pendencies', { n: facts.pendencies.length })}</span>
                <span>
                  {accepted_by === null ? p('page.shift.not_accepted') : p('page.shift.accepted', { name: shownName(accepted_by) })}
                </span>
              </p>
            </div>
          </li>
        ))}
      </ul>
      <More list={list} />
    </section>
  );
}
