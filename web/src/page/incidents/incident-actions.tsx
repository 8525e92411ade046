import type { Incident, IncidentChange } from '@transaction-guardian/contracts/incident.ts';
import { NEXT_STATES, OPEN_STATES, PRIORITIES } from '@transaction-guardian/contracts/incident-state.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import { Choice } from '../parts/choice.tsx';
import { usePageWords } from '../parts/page-words.ts';

interface IncidentActionsProps {
  readonly incident: Incident;
  readonly isBusy: boolean;
  readonly onChange: (change: IncidentChange) => void;
}

/** State, owner and priority of an incident, and what may change them now. */
export function IncidentActions({ incident, isBusy, onChange }: IncidentActionsProps) {
  const { p } = usePageWords();
  const { owner, state, priority, proposed_priority: proposed } = incident;
  const options = PRIORITIES.map(
    (one) =>
      [one, one === proposed && one !== priority ? `${one} (${p('page.incident.priority_proposed', { priority: one })})` : one] as const,
  );
  return (
    <div className="incident-actions">
      <p className="item-facts">
        <strong>{p(`incident.state.${state}`)}</strong>
        <span>
          {p('page.incident.owner')}: {owner === null ? p('page.incident.nobody') : shownName(owner)}
        </span>
        {incident.firing > 0 && <span className="is-firing">{p('page.incident.firing', { n: incident.firing })}</span>}
      </p>
      <div className="respond-buttons" role="group" aria-label={p('page.incident.actions')}>
        {OPEN_STATES.includes(state) && (
          <button
            type="button"
            className={owner === null ? 'tool is-first' : 'tool'}
            disabled={isBusy}
            onClick={() => onChange({ owner: owner === null ? 'me' : 'nobody' })}
          >
            {p(owner === null ? 'page.incident.mine' : 'page.incident.give_up')}
          </button>
        )}
        {NEXT_STATES[state].map((next) => (
          <button key={next} type="button" className="tool" disabled={isBusy} onClick={() => onChange({ state: next })}>
            {p(`page.incident.go_${next}`)}
          </button>
        ))}
      </div>
      <Choice
        label={p('page.incident.priority')}
        value={priority}
        options={options}
        isDisabled={isBusy}
        onValue={(value) => {
          const chosen = PRIORITIES.find((one) => one === value);
          if (chosen !== undefined) onChange({ priority: chosen });
        }}
      />
    </div>
  );
}
