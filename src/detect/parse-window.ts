import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { MINUTE_MS } from '../clock.ts';
import { parseRecord } from '../parse-record.ts';

/** A window, or why the bytes are none; the reason names field and rule, never a value. */
export type ParsedWindow =
  | { readonly kind: 'window'; readonly window: ClosedWindow }
  | { readonly kind: 'invalid'; readonly reason: string };

const STATES: ReadonlySet<unknown> = new Set(['observed', 'zero', 'silent']);

/** Reads a record of `guardian.windows`. Never throws. */
export function parseWindow(value: Uint8Array): ParsedWindow {
  const parsed = parseRecord<ClosedWindow>(value, brokenRule);
  return parsed.kind === 'value' ? { kind: 'window', window: parsed.value } : parsed;
}

function brokenRule(window: Readonly<Partial<Record<keyof ClosedWindow, unknown>>>): string | null {
  if (window.v !== 1) return 'v: must be 1';
  if (!isCount(window.sequence)) return 'sequence: must be a whole number from 0';
  if (!Number.isSafeInteger(window.minute) || Number(window.minute) % MINUTE_MS !== 0) return 'minute: must be the start of a minute';
  if (!isCount(window.revision)) return 'revision: must be a whole number from 0';
  if (!STATES.has(window.state)) return 'state: must be observed, zero or silent';
  if (!Array.isArray(window.cells)) return 'cells: must be a list';
  const bad = window.cells.findIndex((cell: unknown) => !isCell(cell));
  return bad < 0 ? null : `cells[${bad}]: must have texts for dimensions and a count from 0`;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isCell(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const cell = value as Partial<Record<keyof Cell, unknown>>;
  return [cell.status, cell.auth_code, cell.merchant_id, cell.acquirer].every((text) => typeof text === 'string') && isCount(cell.count);
}
