import type { OnCallPolicy } from '@transaction-guardian/contracts/oncall.ts';
import { usePageWords, type PageWords } from '../parts/page-words.ts';

/** How the rotations and the escalation are configured. */
export function Policy({ policy }: { readonly policy: OnCallPolicy }) {
  const { t, p } = usePageWords();
  const nameOf = (id: string) => policy.people.find((person) => person.id === id)?.name ?? id;
  const endOf = (from: string, until: string) => (until > from ? until : p('page.time_next_day', { at: until }));
  const { quiet_hours: quiet } = policy;
  return (
    <section className="panel" aria-labelledby="policy-title">
      <div className="panel-head">
        <h2 id="policy-title">{p('page.oncall.policy')}</h2>
      </div>
      {policy.escalation.length === 0 && <p className="hint">{p('page.oncall.policy_none')}</p>}
      {policy.escalation.map(({ severities, steps }) => (
        <div key={severities.join()}>
          <h3>{severities.map((severity) => t(`anomaly.severity.${severity}`)).join(', ')}</h3>
          <ol className="shifts">
            {steps.map((step) => (
              <li key={`${step.after_minutes} ${step.receivers.join()} ${step.schedules.join()}`}>
                {p('page.oncall.step', { n: step.after_minutes })} {step.receivers.join(', ')}
                {[...step.schedules, ...step.people.map(nameOf)].length > 0 &&
                  ` (${[...step.schedules, ...step.people.map(nameOf)].join(', ')})`}
              </li>
            ))}
          </ol>
        </div>
      ))}
      {quiet !== null && (
        <p className="hint">
          {p('page.oncall.quiet', {
            from: quiet.from,
            until: quiet.until,
            what: quiet.severities.map((severity) => t(`anomaly.severity.${severity}`)).join(', '),
          })}
        </p>
      )}
      {policy.schedules.map(({ name, layers }) => (
        <div key={name}>
          <h3>{p('page.oncall.rotation', { name })}</h3>
          <ol className="shifts">
            {layers.map((layer) => (
              <li key={JSON.stringify(layer)}>
                {layer.people.map(nameOf).join(' → ')} · {everyText(p, layer.every)} · {layer.hand_over}
                {layer.from !== undefined && layer.until !== undefined && ` · ${layer.from}–${endOf(layer.from, layer.until)}`}
                {layer.days !== undefined && ` · ${layer.days.map((day) => t(`console.day.${day}`)).join(' ')}`}
              </li>
            ))}
          </ol>
        </div>
      ))}
    </section>
  );
}

const LENGTH = /^(\d+)([hdw])$/;

/** How long a turn is: `daily`, `weekly`, or so many hours, days or weeks (`3d`). */
function everyText(p: PageWords['p'], every: string): string {
  if (every === 'daily' || every === 'weekly') return p(`page.oncall.every_${every}`);
  const [, n, unit] = LENGTH.exec(every) ?? [];
  return n === undefined ? every : p(`page.oncall.every_${unit as 'h' | 'd' | 'w'}`, { n: Number(n) });
}
