import { useState, type SubmitEvent } from 'react';
import type { IncidentEntry } from '@transaction-guardian/contracts/incident.ts';
import { MAX_INCIDENT_NOTE } from '@transaction-guardian/contracts/incident-state.ts';
import { formatMoment } from '../../ui/format.ts';
import { usePageWords } from '../parts/page-words.ts';
import { readChartSnapshot, SnapshotChart } from './snapshot-chart.tsx';

interface TimelineSectionProps {
  readonly timeline: readonly IncidentEntry[];
  readonly now: number;
  /** False: the server refused the note. */
  readonly onNote: (text: string) => Promise<boolean>;
  readonly isBusy: boolean;
}

/** The timeline, the newest line first, and the form for a note. */
export function TimelineSection({ timeline, now, onNote, isBusy }: TimelineSectionProps) {
  const { p } = usePageWords();
  const [note, setNote] = useState('');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void onNote(note.trim()).then((isDone) => isDone && setNote(''));
  };
  return (
    <>
      <form className="note-form" onSubmit={submit}>
        <label className="field">
          <span>{p('page.incident.note')}</span>
          <textarea required rows={2} maxLength={MAX_INCIDENT_NOTE} value={note} onChange={(event) => setNote(event.target.value)} />
        </label>
        <button type="submit" className="tool is-first" disabled={isBusy || note.trim() === ''}>
          {p('page.incident.note_add')}
        </button>
      </form>
      <ol className="timeline">
        {timeline.toReversed().map((entry) => (
          <EntryLine key={entry.number} entry={entry} now={now} />
        ))}
      </ol>
    </>
  );
}

/** One line of a timeline, with its chart where it has one. */
export function EntryLine({ entry, now }: { readonly entry: IncidentEntry; readonly now: number }) {
  const { locale, timeZone } = usePageWords();
  const snapshot = entry.kind === 'snapshot' ? readChartSnapshot(entry.data) : null;
  return (
    <li className={`entry entry-${entry.kind}`}>
      <time dateTime={entry.at}>{formatMoment(locale, timeZone, Date.parse(entry.at), now)}</time>
      <div>
        <p>{entry.text}</p>
        {snapshot !== null && <SnapshotChart snapshot={snapshot} />}
      </div>
    </li>
  );
}
