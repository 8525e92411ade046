import { isUtf8 } from 'node:buffer';
import type { BrokenRule } from './finding.ts';

/** One item of an upload, in order. `at`: index from 0 in a JSON array, line number from 1 in NDJSON and CSV.
 *  `raw`: the text that it came from, where a rejects file wants it. `timestamp`: event time of a row of a file that is wrong
 *  otherwise, ISO 8601: what is known of its minute is not all. */
export type StreamItem =
  | { readonly kind: 'item'; readonly at: number; readonly value: unknown; readonly raw?: string }
  | {
      readonly kind: 'broken';
      readonly at: number;
      readonly findings: readonly BrokenRule[];
      readonly raw?: string;
      readonly timestamp?: string;
    };

/** One piece of an upload as cut from the bytes; `bytes` is null when it was longer than allowed. `position`: its first
 *  byte, where the cutter knows it. */
export interface Piece {
  readonly at: number;
  readonly bytes: Buffer | null;
  readonly position?: number;
}

/** A finding about a whole item. */
export function bodyFinding(rule: string, wording = rule, params: Readonly<Record<string, string | number>> = {}): BrokenRule {
  return { field: '(body)', rule, wording, params };
}

/** The JSON value of a piece; a `broken` item for a piece that is too long, not UTF-8 or not JSON. */
export function parsePiece({ at, bytes }: Piece, maxBytes: number): StreamItem {
  if (bytes === null) return { kind: 'broken', at, findings: [bodyFinding('too_long', 'line_too_long', { maximum: maxBytes })] };
  return isUtf8(bytes) ? parseText(at, bytes.toString('utf8')) : { kind: 'broken', at, findings: [bodyFinding('encoding')] };
}

/** The JSON value of the text of a piece; a `broken` item for what is not JSON. */
export function parseText(at: number, text: string): StreamItem {
  try {
    return { kind: 'item', at, value: JSON.parse(text) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { kind: 'broken', at, findings: [bodyFinding('json')] };
  }
}
