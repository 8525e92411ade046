import { GuardianError, isGuardianError, messageOf, type ErrorCode } from '../errors.ts';
import type { Param } from './database.ts';

/** What the calling side sends. `id` is chosen by it; `tx` is the id of the `begin` that opened the transaction. */
export type Request =
  | {
      readonly id: number;
      readonly kind: 'query' | 'exec';
      readonly tx?: number;
      readonly text: string;
      readonly params?: readonly Param[];
    }
  | { readonly id: number; readonly kind: 'copy'; readonly tx?: number; readonly text: string; readonly rows: string }
  | { readonly id: number; readonly kind: 'begin' }
  | { readonly id: number; readonly kind: 'commit' | 'rollback'; readonly tx: number };

/** What the serving side answers, once per request. */
export type Response = { readonly id: number; readonly rows?: readonly object[] } | { readonly id: number; readonly error: WireError };

/** An error on its way through a port: the cause stays behind. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Makes an error fit for a port. */
export function toWire(error: unknown): WireError {
  if (!isGuardianError(error)) return { code: 'INTERNAL', message: messageOf(error), retryable: false, data: {} };
  return { code: error.code, message: error.message, retryable: error.retryable, data: plain(error.data) };
}

/** The error that `toWire` took apart. */
export function fromWire(error: WireError): GuardianError {
  return new GuardianError(error.code, error.message, { retryable: error.retryable, data: error.data });
}

/** Only what can be cloned: a fact that is a function or an error must not hide the error that carries it. */
function plain(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(data).filter(([, value]) => ['string', 'number', 'boolean', 'undefined'].includes(typeof value)),
  );
}
