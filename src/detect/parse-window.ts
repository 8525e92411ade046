import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { MINUTE_MS } from '../clock.ts';
import { messageOf } from '../errors.ts';

/** A window, or why the bytes are none; the reason names field and rule, never a value. */
export type ParsedWindow =
  | { readonly kind: 'window'; readonly window: ClosedWindow }
  | { readonly kind: 'invalid'; readonly reason: string };

const STATES: ReadonlySet<unknown> = new Set(['observed', 'zero', 'silent']);

/** Reads a record of `guardian.windows`. Never throws. */
export function parseWindow(value: Uint8Array): ParsedWindow {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch (error) {
    return { kind: 'invalid', reason: `not JSON: ${messageOf(error).slice(0, 80)}` };
  }
  const reason = brokenRule(json);
  return reason === null ? { kind: 'window', window: json as ClosedWindow } : { kind: 'invalid', reason };
}

function brokenRule(json: unknown): string | null {
  if (typeof json !== 'object' || json === null) return '(body): must be an object';
  const window = json as Partial<Record<keyof ClosedWindow, unknown>>;
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
