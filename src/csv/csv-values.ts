import { decimalSignOf, readSignedNumber, type SignEvidence } from './decimal-sign.ts';
import { meantBy, statusOfWord } from '@transaction-guardian/contracts/status-word.ts';
import { STATUSES } from '@transaction-guardian/contracts/status.ts';
import { closestName } from '../check/closest-name.ts';
import { hasCardNumber } from '../pan/card-number.ts';
import { shownField, type BrokenRule } from '../check/finding.ts';

const MISSING = new Set(['', 'nan', 'na', 'n/a', 'null', 'none', '-']);
/** Sums of measured values that are larger may be no numbers any more. */
const LARGEST = 1e300;

/** True for a cell that says that its number is missing. */
export function isMissing(cell: string): boolean {
  return MISSING.has(cell.toLowerCase());
}

/** How the numbers of one column are written. */
export interface NumberColumn {
  readonly field: string;
  /** The decimal sign that the cells of the column prove. */
  readonly sign: SignEvidence['sign'];
  /** Decimal sign of a measured value with three decimals, which a count or an amount does not have. */
  readonly usual?: '.' | ',';
}

/** A number as spreadsheets write it: `12`, `-1.5`, `12,50`, `1.234,56`, `1,234.56`, `1e3`. Adds a finding for a number that can
 *  be read in two ways (`unclear_number`), and `type` for what is none. */
export function numberOf(cell: string, { field, sign: column, usual }: NumberColumn, findings: BrokenRule[]): number | undefined {
  const own = decimalSignOf(cell);
  const isUsual = usual !== undefined && cell.includes(usual);
  const sign = own === 'unclear' ? (column ?? (isUsual ? usual : null)) : (own ?? '.');
  if (sign === null || sign === 'mixed') {
    findings.push({ field, rule: 'unclear_number' });
    return undefined;
  }
  const number = readSignedNumber(cell, sign);
  if (number !== null && (usual === undefined || Math.abs(number) <= LARGEST)) return number;
  findings.push({ field, rule: 'type', wording: 'number_cell', params: { got: shownField(cell) } });
  return undefined;
}

/** The status of a word of a file; a finding names a word that is not known, and the nearest one that is. */
export function statusAt(cell: string, findings: BrokenRule[]): string {
  const status = statusOfWord(cell);
  if (status !== undefined) return status;
  const allowed = STATUSES.join(', ');
  if (hasCardNumber(cell)) findings.push({ field: 'status', rule: 'card_number' });
  else {
    const { near, inside } = meantBy(cell);
    const nearest = closestName(cell, near) ?? inside;
    const wording = nearest === undefined ? 'status_unknown' : 'status_word';
    findings.push({ field: 'status', rule: 'enum', wording, params: { word: shownField(cell), nearest: nearest ?? '', allowed } });
  }
  return cell;
}
