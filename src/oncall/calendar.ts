/** An entry of a calendar. Times: epoch milliseconds. */
export interface CalendarEntry {
  /** Equal for the same shift in every feed. */
  readonly uid: string;
  readonly summary: string;
  readonly description: string;
  readonly startsAt: number;
  readonly endsAt: number;
}

export interface CalendarOptions {
  readonly name: string;
  /** When the feed was made, epoch milliseconds. */
  readonly madeAt: number;
}

/** Octets of a line without its end (RFC 5545, 3.1). */
const LINE_MOST = 75;

/** A calendar as RFC 5545 writes it: lines end in CRLF and are folded, times are UTC. Pure. */
export function writeCalendar(entries: readonly CalendarEntry[], { name, madeAt }: CalendarOptions): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Transaction Guardian//on call//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${escapeText(name)}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    'X-PUBLISHED-TTL:PT1H',
    ...entries.flatMap((entry) => linesOf(entry, madeAt)),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${foldLine(line)}\r\n`).join('');
}

function linesOf({ uid, summary, description, startsAt, endsAt }: CalendarEntry, madeAt: number): string[] {
  return [
    'BEGIN:VEVENT',
    `UID:${escapeText(uid)}`,
    `DTSTAMP:${utc(madeAt)}`,
    `DTSTART:${utc(startsAt)}`,
    `DTEND:${utc(endsAt)}`,
    `SUMMARY:${escapeText(summary)}`,
    ...(description === '' ? [] : [`DESCRIPTION:${escapeText(description)}`]),
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ];
}

/** A text value (RFC 5545, 3.3.11), without characters that none may have. */
export function escapeText(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/(?!\n)\p{Cc}/gu, ' ')
    .replaceAll(/[\\;,]/g, (one) => `\\${one}`)
    .replaceAll('\n', String.raw`\n`);
}

/** A line of at most 75 octets, and the rest of it behind a space each; no character is cut (RFC 5545, 3.1). */
export function foldLine(line: string): string {
  const folded: string[] = [];
  let current = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > LINE_MOST) {
      folded.push(current);
      current = ' ';
      octets = 1;
    }
    current += character;
    octets += size;
  }
  return [...folded, current].join('\r\n');
}

const utc = (time: number): string => new Date(time).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
