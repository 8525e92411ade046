import type { Finding } from '../finding.ts';

const HOUR_MINUTE = /^(\d{1,2})\s*[h:]\s*(\d{2})(?:\s*(?:m|min|:(\d{2})))?$/i;
const PLAIN_NUMBER = /^-?\d+(?:\.\d+)?$/;
const COMMA_NUMBER = /^-?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+$/;

/** True for a time of day without a date: `17h 06`, `17h06`, `17:06`, `17:06:00`. */
export function isTimeOfDay(cell: string): boolean {
  return HOUR_MINUTE.test(cell);
}

/** A time cell as the validator reads it: a time of day gets `date` (YYYY-MM-DD) in front, anything else stays. */
export function timestampOf(cell: string, date: string | undefined): string {
  const match = HOUR_MINUTE.exec(cell);
  if (match === null || date === undefined) return cell;
  const [, hour = '', minute = '', second = '00'] = match;
  return `${date} ${hour.padStart(2, '0')}:${minute}:${second}`;
}

/** A number as spreadsheets write it: `12`, `-1.5`, `12,50`, `1.234,56`. Adds a `type` finding for anything else. */
export function numberOf(cell: string, field: string, findings: Finding[]): number | undefined {
  if (PLAIN_NUMBER.test(cell)) return Number(cell);
  if (COMMA_NUMBER.test(cell)) return Number(cell.replaceAll('.', '').replace(',', '.'));
  findings.push({ field, rule: 'type', wording: 'number' });
  return undefined;
}
