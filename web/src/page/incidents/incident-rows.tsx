import type { Incident } from '@transaction-guardian/contracts/incident.ts';
import { OPEN_STATES } from '@transaction-guardian/contracts/incident-state.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import { formatMoment } from '../../ui/format.ts';
import { PageLink } from '../page-link.tsx';
import { durationText } from '../parts/duration-text.ts';
import { usePageWords } from '../parts/page-words.ts';
import type { ConsoleRoute } from '../route.ts';
import { PriorityChip } from './priority-chip.tsx';

interface IncidentRowsProps {
  readonly incidents: readonly Incident[];
  readonly now: number;
  readonly onGo: (route: ConsoleRoute) => void;
}

/** Incidents, a card each: priority, title, state, owner, what fires, how long it took. */
export function IncidentRows({ incidents, now, onGo }: IncidentRowsProps) {
  const { p, locale, timeZone } = usePageWords();
  return (
    <ul className="rows">
      {incidents.map((incident) => {
        const isOpen = OPEN_STATES.includes(incident.state);
        return (
          <li key={incident.id} className={`row item-row priority-${incident.priority} ${isOpen ? 'is-open' : 'is-over'}`}>
            <PriorityChip priority={incident.priority} />
            <div className="item-text">
              <p className="item-title">
                <PageLink to={{ page: 'incident', id: incident.id, section: 'overview' }} onGo={onGo}>
                  {incident.title}
                </PageLink>
              </p>
              <p className="item-facts">
                <span>{incident.id}</span>
                <strong>{p(`incident.state.${incident.state}`)}</strong>
                <span>
                  {p('page.incident.owner')}: {incident.owner === null ? p('page.incident.nobody') : shownName(incident.owner)}
                </span>
                {incident.firing > 0 && <span className="is-firing">{p('page.incident.firing', { n: incident.firing })}</span>}
                <span>{p('page.incident.opened_at', { at: formatMoment(locale, timeZone, Date.parse(incident.opened_at), now) })}</span>
                {incident.times.to_resolve_s !== null && (
                  <span>
                    {p('page.incident.resolved')}: {durationText(incident.times.to_resolve_s)}
                  </span>
                )}
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
