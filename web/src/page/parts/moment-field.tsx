import { useId, useState } from 'react';
import { formatMoment, formatZone } from '../../ui/format.ts';
import { readZoneTime } from '../../ui/zone-time.ts';
import { usePageWords } from './page-words.ts';

interface MomentFieldProps {
  readonly label: string;
  /** What the field holds, by the clocks of the server's zone: "2026-11-29T02:30", or ''. */
  readonly value: string;
  readonly onValue: (value: string) => void;
  /** Whether a period begins or ends with it, which decides in an hour that the clocks repeat. */
  readonly edge: 'start' | 'end';
  readonly isRequired?: boolean;
}

/** A day and a time by the clocks of the server's zone, as everything that the pages show. It names the zone, and says how it takes a time
 *  that a clock change repeats or skips. */
export function MomentField({ label, value, onValue, edge, isRequired = false }: MomentFieldProps) {
  const { p, locale, timeZone } = usePageWords();
  const hint = useId();
  // The name of the zone before there is a time: winter or summer, as now.
  const [opened] = useState(Date.now);
  const time = readZoneTime(value, timeZone, edge);
  const zone = formatZone(locale, timeZone, time?.at ?? opened);
  return (
    <label className="field">
      <span>
        {label} ({zone})
      </span>
      <input
        type="datetime-local"
        required={isRequired}
        value={value}
        aria-describedby={hint}
        onChange={(event) => onValue(event.target.value)}
      />
      <small id={hint} className="hint" role="status">
        {time?.clock === 'repeated' && p(`page.time.repeated_${edge}`, { zone })}
        {time?.clock === 'skipped' && p('page.time.skipped', { at: formatMoment(locale, timeZone, time.at, time.at) })}
      </small>
    </label>
  );
}

/** The time of a field as the server takes it (RFC 3339); undefined without one. */
export const momentOf = (value: string, timeZone: string, edge: 'start' | 'end'): string | undefined => {
  const time = readZoneTime(value, timeZone, edge);
  return time === null ? undefined : new Date(time.at).toISOString();
};
