import { createHash } from 'node:crypto';
import type { AuditEntry, AuditHead, AuditRow } from '@transaction-guardian/contracts/audit.ts';

/** `previous` of the first row. */
export const FIRST_PREVIOUS = '0'.repeat(64);

/** JSON with sorted keys and no spaces, as RFC 8785 orders it: one value, one text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const sorted = members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}

/** SHA-256 of a row, lower-case hex. */
export function hashOfEntry(entry: AuditEntry): string {
  return createHash('sha256').update(canonicalJson(entry)).digest('hex');
}

/** The first row that breaks the chain. `changed`: its content is not what its hash was made of; `missing`: there is no such
 *  row; `unlinked`: it does not follow from the row before it, which was replaced or moved. */
export interface AuditFault {
  readonly number: number;
  readonly why: 'changed' | 'missing' | 'unlinked';
}

/** What a check has found so far. */
export interface ChainState {
  readonly rows: number;
  /** Hash of the newest good row; undefined without rows. */
  readonly head: string | undefined;
  readonly fault: AuditFault | null;
}

/** Checks a chain row by row, the oldest first; what comes after the first bad row is not looked at. */
export interface ChainCheck {
  /** `number`: the place at which the row is stored. */
  take(row: AuditRow, number?: number): void;
  readonly state: () => ChainState;
  /** The state when all rows were taken: those up to the newest one must be there. */
  readonly ended: () => ChainState;
}

/** `newest`: the row that was written last, as it is kept apart from the rows. */
export function createChainCheck(newest?: AuditHead): ChainCheck {
  let rows = 0;
  let previous = FIRST_PREVIOUS;
  let fault: AuditFault | null = null;
  const state = (): ChainState => ({ rows, head: rows === 0 ? undefined : previous, fault });
  return {
    take({ hash, ...entry }, number = entry.number) {
      if (fault !== null) return;
      const expected = rows + 1;
      if (number !== expected) fault = { number: expected, why: number > expected ? 'missing' : 'unlinked' };
      else if (entry.number !== number || hashOfEntry(entry) !== hash) fault = { number, why: 'changed' };
      else if (entry.previous !== previous || (number === newest?.number && hash !== newest.hash)) fault = { number, why: 'unlinked' };
      if (fault !== null) return;
      rows += 1;
      previous = hash;
    },
    state,
    ended() {
      if (fault === null && rows < (newest?.number ?? 0)) fault = { number: rows + 1, why: 'missing' };
      return state();
    },
  };
}
