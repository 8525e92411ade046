import { useCallback, useMemo } from 'react';
import type { OnCallChangeList, OnCallList, OnCallPolicy, OnCallShift, OnCallShiftList } from '@transaction-guardian/contracts/oncall.ts';
import type { Ask } from '../../live/ask.ts';
import { formatMoment } from '../../ui/format.ts';
import { formatPeriod } from '../../ui/format-period.ts';
import { PageLink } from '../page-link.tsx';
import { useActing } from '../parts/acting.ts';
import { Choice } from '../parts/choice.tsx';
import { useFilters } from '../parts/filters.ts';
import { useLoaded } from '../parts/loaded.ts';
import { LoadState } from '../parts/load-state.tsx';
import { usePageWords } from '../parts/page-words.ts';
import { RefusalNote } from '../parts/refusal.tsx';
import type { ConsoleRoute } from '../route.ts';
import { OverrideForm } from './override-form.tsx';
import { Policy } from './policy.tsx';
import { SwapForm } from './swap-form.tsx';

interface OnCallPageProps {
  readonly ask: Ask;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
  readonly onGo: (route: ConsoleRoute) => void;
}

const FILTERS = ['schedule'] as const;

/** Who is on call, until when and who is next; shifts, changes, and the escalation. */
export function OnCallPage({ ask, now, onGo }: OnCallPageProps) {
  const { p, locale, timeZone } = usePageWords();
  const moment = (iso: string) => formatMoment(locale, timeZone, Date.parse(iso), now);
  const periodOf = ({ starts_at, ends_at }: OnCallChangeList['items'][number]): string => {
    const { start, end } = formatPeriod(locale, timeZone, starts_at, ends_at, now);
    return `${start} – ${end}`;
  };
  const { filters, set } = useFilters(FILTERS);
  const loaded = useLoaded(
    useCallback(async () => {
      const [list, changes, policy] = await Promise.all([
        ask.get<OnCallList>('/oncall'),
        ask.get<OnCallChangeList>('/oncall/changes'),
        ask.get<OnCallPolicy>('/oncall/policy'),
      ]);
      return { list: list.items, changes: changes.items, policy };
    }, [ask]),
  );
  const { value, reload } = loaded;
  const schedule = filters.schedule === '' ? (value?.list[0]?.schedule ?? '') : filters.schedule;
  const acting = useActing();
  const end = (id: string) => void acting.run(() => ask.send('DELETE', `/oncall/changes/${encodeURIComponent(id)}`)).then(reload);
  return (
    <>
      <section className="panel" id="oncall" aria-labelledby="oncall-title" tabIndex={-1}>
        <div className="panel-head">
          <h2 id="oncall-title">{p('page.oncall.title')}</h2>
          <PageLink to={{ page: 'shifts' }} onGo={onGo}>
            {p('page.shift.title')}
          </PageLink>
        </div>
        <LoadState loaded={loaded} now={now} />
        {value?.list.length === 0 && <p className="nothing">{p('page.oncall.none')}</p>}
        <ul className="rows">
          {(value?.list ?? []).map((one) => (
            <li key={one.schedule} className="row item-row">
              <div className="item-text">
                <p className="item-title">
                  {one.schedule}: {one.person?.name ?? p('page.oncall.nobody')}
                </p>
                <p className="item-facts">
                  {one.until !== null && <span>{p('page.oncall.until', { at: moment(one.until) })}</span>}
                  {one.next !== null && <span>{p('page.oncall.next', { name: one.next.person.name, at: moment(one.next.at) })}</span>}
                  {one.change_id !== null && <span>{p('page.oncall.changed')}</span>}
                  <span>{one.time_zone}</span>
                </p>
              </div>
            </li>
          ))}
        </ul>
      </section>
      {value !== null && value.list.length > 0 && (
        <section className="panel" aria-labelledby="rota-title">
          <div className="panel-head">
            <h2 id="rota-title">{p('page.oncall.shifts')}</h2>
          </div>
          <div className="filters">
            <Choice
              label={p('page.oncall.schedule')}
              value={schedule}
              onValue={(next) => set('schedule', next)}
              options={value.list.map((one) => [one.schedule, one.schedule] as const)}
            />
          </div>
          <Shifts key={schedule} {...{ ask, schedule, now }} people={value.policy.people} onChanged={reload} />
          <h3>{p('page.oncall.changes')}</h3>
          {value.changes.length === 0 && <p className="hint">{p('page.oncall.changes_none')}</p>}
          <ul className="rows">
            {value.changes.map((change) => (
              <li key={change.id} className="row item-row">
                <div className="item-text">
                  <p className="item-title">
                    {change.schedule}: {change.person.name}, {periodOf(change)}
                  </p>
                  <p className="item-facts">
                    <span>{p('page.run.by', { name: change.created_by.name })}</span>
                    <span>{change.reason}</span>
                  </p>
                  <button type="button" className="tool" disabled={acting.isBusy} onClick={() => end(change.id)}>
                    {p('page.oncall.take_back')}
                  </button>
                </div>
              </li>
            ))}
          </ul>
          <RefusalNote acting={acting} />
        </section>
      )}
      {value !== null && <Policy policy={value.policy} />}
    </>
  );
}

interface ShiftsProps {
  readonly ask: Ask;
  readonly schedule: string;
  readonly now: number;
  readonly people: OnCallPolicy['people'];
  readonly onChanged: () => void;
}

/** The shifts of the next two weeks, and the forms that change them. */
function Shifts({ ask, schedule, now, people, onChanged }: ShiftsProps) {
  const { p, locale, timeZone } = usePageWords();
  const loaded = useLoaded(
    useCallback(() => ask.get<OnCallShiftList>(`/oncall/shifts?schedule=${encodeURIComponent(schedule)}`), [ask, schedule]),
  );
  const shifts = useMemo(() => loaded.value?.items ?? [], [loaded.value]);
  const moment = (iso: string) => formatMoment(locale, timeZone, Date.parse(iso), now);
  // The list begins now and ends in two weeks: there nobody hands over.
  const text = (shift: OnCallShift) => {
    const name = shift.person?.name ?? p('page.oncall.nobody');
    const { start, end } = formatPeriod(locale, timeZone, shift.starts_at, shift.ends_at, now);
    const [isFirst, isLast] = [shift === shifts[0], shift === shifts.at(-1)];
    if (isFirst && isLast) return p('page.oncall.shift_whole', { name, until: moment(shift.ends_at) });
    if (isFirst) return p('page.oncall.shift_now', { name, until: moment(shift.ends_at) });
    return isLast ? p('page.oncall.shift_last', { name, from: start, until: moment(shift.ends_at) }) : `${start} – ${end} · ${name}`;
  };
  const done = () => {
    loaded.reload();
    onChanged();
  };
  return (
    <>
      <LoadState loaded={loaded} now={now} />
      <ol className="shifts">
        {shifts.map((shift) => (
          <li key={shift.starts_at} className={shift.person === null ? 'is-firing' : undefined}>
            {text(shift)}
          </li>
        ))}
      </ol>
      <OverrideForm {...{ ask, schedule, people }} onMade={done} />
      {shifts.length > 1 && <SwapForm {...{ ask, schedule, shifts, text }} onMade={done} />}
    </>
  );
}
