import { GuardianError, isGuardianError, messageOf, type ErrorCode, type RuleParams } from '../errors.ts';

/** An error on its way over a wire: the cause stays behind. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly data: Readonly<Record<string, unknown>>;
  readonly rule?: string | undefined;
  readonly params: RuleParams;
}

/** Makes an error fit for a wire. */
export function toWire(error: unknown): WireError {
  if (!isGuardianError(error)) return { code: 'INTERNAL', message: messageOf(error), retryable: false, data: {}, params: {} };
  const { code, message, retryable, rule, params } = error;
  return { code, message, retryable, data: plain(error.data), rule, params };
}

/** The error that `toWire` took apart. */
export function fromWire({ code, message, retryable, data, rule, params }: WireError): GuardianError {
  return new GuardianError(code, message, { retryable, data, params, ...(rule === undefined ? {} : { rule }) });
}

/** Only what can be cloned: a fact that is a function or an error must not hide the error that carries it. */
function plain(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(data).filter(([, value]) => ['string', 'number', 'boolean', 'undefined'].includes(typeof value)),
  );
}
