const DAY_MS = 86_400_000;

/** What a wall-clock time of a zone is: one instant, one of two (a clock change repeats it), or none (a clock change skips it). */
type Clock = 'once' | 'repeated' | 'skipped';

/** A wall-clock time as an instant, epoch milliseconds. */
export interface ZoneTime {
  readonly at: number;
  readonly clock: Clock;
}

/** Reads what a field `datetime-local` holds ("2026-11-29T02:30") by the clocks of an IANA zone. Of a time that a clock change repeats,
 *  a period begins with the first and ends with the second; of one that it skips, it is the instant of the change. Null for a text that
 *  is no such time. Throws RangeError for an unknown zone. */
export function readZoneTime(text: string, timeZone: string, edge: 'start' | 'end'): ZoneTime | null {
  const local = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  if (Number.isNaN(local)) return null;
  const offsetAt = offsetIn(timeZone);
  const [before, after] = [offsetAt(local - DAY_MS), offsetAt(local + DAY_MS)];
  const instants = [...new Set([local - before, local - after])].filter((at) => at + offsetAt(at) === local).sort((a, b) => a - b);
  const at = edge === 'start' ? instants[0] : instants.at(-1);
  if (at !== undefined) return { at, clock: instants.length > 1 ? 'repeated' : 'once' };
  return { at: changeIn(local - after, local - before, (ms) => offsetAt(ms) === after), clock: 'skipped' };
}

/** The first instant, to the minute, at which the clocks have changed. `from`: before, `to`: at or after it. */
function changeIn(from: number, to: number, hasChanged: (ms: number) => boolean): number {
  let [low, high] = [Math.floor(from / 60_000), Math.ceil(to / 60_000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (hasChanged(middle * 60_000)) high = middle;
    else low = middle;
  }
  return high * 60_000;
}

/** Local time minus UTC at an instant, milliseconds. */
function offsetIn(timeZone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (ms) => {
    const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours, minutes, seconds = '0'] = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name) ?? [];
    const size = (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds)) * 1000;
    return sign === '-' ? -size : size;
  };
}
