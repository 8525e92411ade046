import type { CanaryNotice } from '@transaction-guardian/contracts/canary.ts';
import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import type { Cell, ClosedWindow, WindowMessage } from '@transaction-guardian/contracts/window.ts';
import { MINUTE_MS } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { parseRecord } from '../../topic/parse-record.ts';
import { isSliceCount } from '../../topic/slice-counts.ts';
import { readCells } from '../../topic/window-message.ts';
import { brokenNotice } from '../feedback/parse-notice.ts';

/** A window, a notice of a person's verdict or of a test transaction, or why the bytes are none; the reason names field and rule, never a value. */
export type ParsedWindow =
  | { readonly kind: 'window'; readonly window: ClosedWindow }
  | { readonly kind: 'feedback'; readonly notice: FeedbackNotice }
  | { readonly kind: 'canary'; readonly notice: CanaryNotice }
  | { readonly kind: 'invalid'; readonly reason: string };

type Fields = Readonly<Partial<Record<keyof WindowMessage | keyof FeedbackNotice | keyof CanaryNotice, unknown>>>;

const STATES: ReadonlySet<unknown> = new Set(['observed', 'zero', 'silent', 'incomplete']);

/** Reads a record of `guardian.windows`. Never throws. */
export function parseWindow(value: Uint8Array): ParsedWindow {
  const parsed = parseRecord<Fields>(value, brokenField);
  if (parsed.kind === 'invalid') return parsed;
  if (parsed.value.kind === 'feedback') return { kind: 'feedback', notice: parsed.value as FeedbackNotice };
  if (parsed.value.kind === 'canary') return { kind: 'canary', notice: parsed.value as CanaryNotice };
  const { by_status: _, ...message } = parsed.value as WindowMessage;
  const cells = unpacked(message.cells);
  if (typeof cells === 'string') return { kind: 'invalid', reason: cells };
  return { kind: 'window', window: { ...message, v: 1, cells } };
}

function brokenField(fields: Fields): string | null {
  if (fields.kind === 'feedback') return brokenNotice(fields);
  if (fields.kind !== 'canary') return brokenRule(fields);
  return fields.v === 1 && isCount(fields.sent_at) ? null : 'sent_at: must be epoch milliseconds';
}

function brokenRule(window: Readonly<Partial<Record<keyof WindowMessage, unknown>>>): string | null {
  if (window.v !== 1 && window.v !== 2) return 'v: must be 1 or 2';
  if (!isCount(window.sequence)) return 'sequence: must be an integer from 0';
  if (!Number.isSafeInteger(window.minute) || Number(window.minute) % MINUTE_MS !== 0) return 'minute: must be the start of a minute';
  if (!isCount(window.revision)) return 'revision: must be an integer from 0';
  if (window.partial !== undefined && window.partial !== true) return 'partial: must be true where it is there';
  if (window.slices !== undefined && !(Array.isArray(window.slices) && window.slices.every(isSliceCount)))
    return 'slices: must be a list of keys with counts by status and amounts by currency';
  return STATES.has(window.state) ? null : 'state: must be observed, zero, silent or incomplete';
}

/** The cells, or the rule that they break. */
function unpacked(packed: WindowMessage['cells']): readonly Cell[] | string {
  let cells: unknown;
  try {
    cells = readCells(packed);
  } catch (error) {
    return `cells: cannot be unpacked: ${messageOf(error).slice(0, 80)}`;
  }
  if (!Array.isArray(cells)) return 'cells: must be a list';
  const bad = cells.findIndex((cell: unknown) => !isCell(cell));
  return bad < 0 ? (cells as Cell[]) : `cells[${bad}]: must have texts for dimensions and a count from 0`;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isCell(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const cell = value as Partial<Record<keyof Cell, unknown>>;
  const { status, auth_code, merchant_id, acquirer, count } = cell;
  return isText(status) && isText(auth_code) && isText(merchant_id) && isText(acquirer) && isCount(count);
}

const isText = (value: unknown): boolean => typeof value === 'string';
