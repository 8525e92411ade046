import { useCallback, useMemo } from 'react';
import type { IncidentDetail } from '@transaction-guardian/contracts/incident.ts';
import type { Ask } from '../../live/ask.ts';
import { PageLink } from '../page-link.tsx';
import { useActing } from '../parts/acting.ts';
import { useLoaded } from '../parts/loaded.ts';
import { LoadState } from '../parts/load-state.tsx';
import { usePageWords } from '../parts/page-words.ts';
import { RefusalNote } from '../parts/refusal.tsx';
import { INCIDENT_SECTIONS, type IncidentSection, type ConsoleRoute } from '../route.ts';
import { AlertsSection } from './alerts-section.tsx';
import { IncidentActions } from './incident-actions.tsx';
import { createIncidentsApi, type IncidentsApi } from './incidents-api.ts';
import { OverviewSection } from './overview-section.tsx';
import { PostMortemSection } from './post-mortem-section.tsx';
import { PriorityChip } from './priority-chip.tsx';
import { RunbooksSection } from './runbooks-section.tsx';
import { TimelineSection } from './timeline-section.tsx';

interface IncidentPageProps {
  readonly id: string;
  readonly section: IncidentSection;
  readonly ask: Ask;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
  readonly onGo: (route: ConsoleRoute) => void;
}

/** One incident: what to do about it, and its sections, each with an address of its own. */
export function IncidentDetailPage({ id, section, ask, now, onGo }: IncidentPageProps) {
  const { p } = usePageWords();
  const api = useMemo(() => createIncidentsApi(ask), [ask]);
  const loaded = useLoaded(useCallback(() => api.read(id), [api, id]));
  const acting = useActing();
  const act = async (work: () => Promise<unknown>): Promise<boolean> => {
    const isDone = await acting.run(work);
    loaded.reload();
    return isDone;
  };
  const detail = loaded.value;
  return (
    <section className="panel" id="incident" aria-labelledby="incident-title" tabIndex={-1}>
      <p className="back">
        <PageLink to={{ page: 'incidents' }} onGo={onGo}>
          {p('page.back')}
        </PageLink>
      </p>
      <div className="panel-head">
        <h2 id="incident-title">
          {detail === null ? `${p('page.incident.id')} ${id}` : `${detail.incident.id} · ${detail.incident.title}`}
        </h2>
        {detail !== null && <PriorityChip priority={detail.incident.priority} />}
      </div>
      <LoadState loaded={loaded} now={now} />
      {detail !== null && (
        <>
          <IncidentActions
            incident={detail.incident}
            isBusy={acting.isBusy}
            onChange={(change) => void act(() => api.change(id, change))}
          />
          <RefusalNote acting={acting} />
          <nav className="tabs" aria-label={p('page.incident.sections')}>
            {INCIDENT_SECTIONS.map((one) => (
              <PageLink key={one} to={{ page: 'incident', id, section: one }} onGo={onGo} isCurrent={one === section}>
                {p(`page.incident.${one}`)}
              </PageLink>
            ))}
          </nav>
          <Section {...{ section, detail, api, now, onGo }} onNote={(text) => act(() => api.note(id, text))} isBusy={acting.isBusy} />
        </>
      )}
    </section>
  );
}

interface SectionProps extends Pick<IncidentPageProps, 'section' | 'now' | 'onGo'> {
  readonly detail: IncidentDetail;
  readonly api: IncidentsApi;
  readonly onNote: (text: string) => Promise<boolean>;
  readonly isBusy: boolean;
}

function Section({ section, detail, api, now, onGo, onNote, isBusy }: SectionProps) {
  switch (section) {
    case 'overview':
      return <OverviewSection detail={detail} now={now} />;
    case 'timeline':
      return <TimelineSection timeline={detail.timeline} now={now} onNote={onNote} isBusy={isBusy} />;
    case 'alerts':
      return <AlertsSection alerts={detail.incident.alerts} now={now} onGo={onGo} />;
    case 'runbooks':
      return <RunbooksSection incident={detail.incident} api={api} now={now} onGo={onGo} />;
    case 'postmortem':
      return <PostMortemSection id={detail.incident.id} api={api} now={now} />;
  }
}
