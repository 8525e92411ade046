import { decimalSignOf, readSignedNumber, type SignEvidence } from '../../decimal-sign.ts';
import type { Finding } from '../finding.ts';

const HOUR_MINUTE = /^(\d{1,2})\s*[h:]\s*(\d{2})(?:\s*(?:m|min|:(\d{2})))?$/i;

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

/** A number as spreadsheets write it: `12`, `-1.5`, `12,50`, `1.234,56`, `1,234.56`. `column`: the sign that the other cells
 *  prove. Adds a finding for a number that can be read in two ways (`unclear_number`), and `type` for what is none. */
export function numberOf(cell: string, field: string, column: SignEvidence['sign'], findings: Finding[]): number | undefined {
  const own = decimalSignOf(cell);
  const sign = own === 'unclear' ? column : (own ?? '.');
  if (sign === null || sign === 'mixed') {
    findings.push({ field, rule: 'unclear_number' });
    return undefined;
  }
  const number = readSignedNumber(cell, sign);
  if (number === null || !/^-?\d/.test(cell)) {
    findings.push({ field, rule: 'type', wording: 'number' });
    return undefined;
  }
  return number;
}
