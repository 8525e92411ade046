import { useState } from 'react';
import { WEEKDAYS, type Weekday } from '@transaction-guardian/contracts/weekday.ts';
import { MadeForm } from '../parts/made-form.tsx';
import { usePageWords } from '../parts/page-words.ts';
import { linesOf, MatchersField } from './matchers-field.tsx';
import type { SilencesApi } from './silences-api.ts';

/** The day of the week of a date such as 2026-11-28. */
const weekdayOf = (date: string): Weekday => WEEKDAYS[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7] ?? 'mon';

/** Plans a maintenance window by the clocks of the server's zone. One that comes once is a week's with one day, so that the zone of
 *  the browser does not matter. */
export function MaintenanceForm({ api, onMade }: { readonly api: Pick<SilencesApi, 'createMaintenance'>; readonly onMade: () => void }) {
  const { t, p, timeZone } = usePageWords();
  const [name, setName] = useState('');
  const [matchers, setMatchers] = useState('');
  const [isWeekly, setWeekly] = useState(false);
  const [date, setDate] = useState('');
  const [days, setDays] = useState<readonly Weekday[]>([]);
  const [start, setStart] = useState('02:00');
  const [end, setEnd] = useState('04:00');
  const submit = async () => {
    const times = { start, end, time_zone: timeZone };
    const weekly = isWeekly ? { days: [...days], ...times } : { days: [weekdayOf(date)], from: date, until: date, ...times };
    await api.createMaintenance({ name, matchers: linesOf(matchers), weekly });
    setName('');
    setMatchers('');
  };
  const toggle = (day: Weekday) => setDays(days.includes(day) ? days.filter((one) => one !== day) : [...days, day]);
  return (
    <MadeForm title={p('page.maintenance.new')} action={p('page.maintenance.create')} onSubmit={submit} onMade={onMade}>
      <label className="field">
        <span>{p('page.maintenance.name')}</span>
        <input required maxLength={120} value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      <MatchersField value={matchers} onValue={setMatchers} />
      <label className="field">
        <span>{p('page.maintenance.repeat')}</span>
        <select value={isWeekly ? 'weekly' : 'once'} onChange={(event) => setWeekly(event.target.value === 'weekly')}>
          <option value="once">{p('page.maintenance.repeat_once')}</option>
          <option value="weekly">{p('page.maintenance.repeat_weekly')}</option>
        </select>
      </label>
      {isWeekly ? (
        <fieldset className="field">
          <legend>{p('page.maintenance.days')}</legend>
          {WEEKDAYS.map((day) => (
            <label key={day} className="day">
              <input type="checkbox" checked={days.includes(day)} onChange={() => toggle(day)} /> {t(`console.day.${day}`)}
            </label>
          ))}
        </fieldset>
      ) : (
        <label className="field">
          <span>{p('page.maintenance.date')}</span>
          <input required type="date" value={date} onChange={(event) => setDate(event.target.value)} />
        </label>
      )}
      <label className="field">
        <span>{`${p('page.maintenance.start')} (${timeZone})`}</span>
        <input required type="time" value={start} onChange={(event) => setStart(event.target.value)} />
      </label>
      <label className="field">
        <span>{`${p('page.maintenance.end_time')} (${timeZone})`}</span>
        <input required type="time" value={end} onChange={(event) => setEnd(event.target.value)} />
      </label>
    </MadeForm>
  );
}
