import { useCallback } from 'react';
import { AUDITED_VERBS } from '@transaction-guardian/contracts/audited-verb.ts';
import type { AuditCheck, AuditPage as AuditRows, AuditRow } from '@transaction-guardian/contracts/audit.ts';
import { queryText, type Ask } from '../../live/ask.ts';
import type { LiveState } from '../../live/model.ts';
import { formatMoment } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { mayOpen } from '../navigation.ts';
import { Choice } from '../parts/choice.tsx';
import { useFilters } from '../parts/filters.ts';
import { useLoaded, type Loaded } from '../parts/loaded.ts';
import { useLoadedList } from '../parts/loaded-list.ts';
import { LoadState } from '../parts/load-state.tsx';
import { MomentField, momentOf } from '../parts/moment-field.tsx';
import { More } from '../parts/more.tsx';
import { usePageWords } from '../parts/page-words.ts';

interface AuditPageProps {
  readonly ask: Ask;
  /** Who is signed in; null before it is known. */
  readonly actor: LiveState['actor'];
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
}

const FILTERS = ['actor', 'verb', 'from', 'to'] as const;
/** The check reads every row. */
const CHECK_MS = 300_000;

/** The audit, to those who may read it; to anybody else who may. */
export function AuditLogPage({ ask, actor, now }: AuditPageProps) {
  const { p, t } = usePageWords();
  if (actor === null || mayOpen('audit', actor.role)) return <AuditList {...{ ask, now }} />;
  return (
    <section className="panel nothing" id="audit" aria-labelledby="audit-title" tabIndex={-1}>
      <h2 id="audit-title">{p('page.audit.title')}</h2>
      <p>
        {p('page.audit.only_admin', { name: actor.name, role: actor.role === null ? p('page.audit.no_role') : t(`role.${actor.role}`) })}
      </p>
    </section>
  );
}

/** Who did what, the newest first, and whether the chain is whole. */
function AuditList({ ask, now }: Omit<AuditPageProps, 'actor'>) {
  const { p, timeZone } = usePageWords();
  const { filters, set } = useFilters(FILTERS);
  const { actor, verb, from, to } = filters;
  const list = useLoadedList(
    useCallback(
      (cursor: string) =>
        ask.get<AuditRows>(
          `/audit${queryText({
            ...{ actor: actor.trim(), verb, limit: '100', cursor },
            ...{ from: momentOf(from, timeZone, 'start'), to: momentOf(to, timeZone, 'end') },
          })}`,
        ),
      [ask, actor, verb, from, to, timeZone],
    ),
  );
  const check = useLoaded(
    useCallback(() => ask.get<AuditCheck>('/audit/verify'), [ask]),
    CHECK_MS,
  );
  return (
    <section className="panel" id="audit" aria-labelledby="audit-title" tabIndex={-1}>
      <div className="panel-head">
        <h2 id="audit-title">{p('page.audit.title')}</h2>
        <Chain check={check} />
      </div>
      <div className="filters">
        <label className="field">
          <span>{p('page.audit.actor')}</span>
          <input value={actor} autoComplete="off" spellCheck={false} onChange={(event) => set('actor', event.target.value)} />
        </label>
        <Choice
          label={p('page.audit.verb')}
          value={verb}
          onValue={(value) => set('verb', value)}
          options={[['', p('page.all')], ...AUDITED_VERBS.map((one) => [one, p(`audit.verb.${one}`)] as const)]}
        />
        <MomentField label={p('page.audit.from')} value={from} onValue={(value) => set('from', value)} edge="start" />
        <MomentField label={p('page.audit.to')} value={to} onValue={(value) => set('to', value)} edge="end" />
      </div>
      <LoadState loaded={list} now={now} />
      {list.value?.length === 0 && <p className="nothing">{p('page.audit.none')}</p>}
      <ol className="timeline">
        {(list.value ?? []).map((row) => (
          <Row key={row.number} row={row} now={now} />
        ))}
      </ol>
      <More list={list} />
    </section>
  );
}

function Chain({ check: { value, failure } }: { readonly check: Loaded<AuditCheck> }) {
  const { p } = usePageWords();
  if (failure !== null) return <span className="chip chip-warning">{p('page.audit.unchecked', { message: failure })}</span>;
  if (value === null) return <span className="chip">{p('page.audit.checking')}</span>;
  const { fault, rows } = value;
  return (
    <span className={`chip chip-${fault === null ? 'good' : 'critical'}`} role="status">
      <Icon name={fault === null ? 'resolved' : 'critical'} size={15} />
      <span>{fault === null ? p('page.audit.whole', { n: rows }) : p(`page.audit.fault_${fault.why}`, { n: fault.number })}</span>
    </span>
  );
}

function Row({ row, now }: { readonly row: AuditRow; readonly now: number }) {
  const { p, locale, timeZone } = usePageWords();
  const facts = { arguments: row.arguments, before: row.before, after: row.after };
  return (
    <li className="entry">
      <time dateTime={row.at}>{formatMoment(locale, timeZone, Date.parse(row.at), now)}</time>
      <div>
        <p>
          <strong>{row.actor.name}</strong>
          {row.actor.claimed_name !== null && ` (${row.actor.claimed_name})`} {p(`audit.verb.${row.verb}`)}
          {row.result !== 'done' && ` · ${p(`audit.result.${row.result}`)}`}
        </p>
        <details className="audit-facts">
          <summary>
            #{row.number} · {row.channel}
            {row.address !== null && ` · ${row.address}`} · {row.actor.id}
          </summary>
          <pre>{JSON.stringify(facts, null, 2)}</pre>
        </details>
      </div>
    </li>
  );
}
