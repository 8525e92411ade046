import { failureFact, type FailureCode, type FailureReason } from '@transaction-guardian/contracts/health-reason.ts';

/** Every code that an error of ours can carry. Add here, nowhere else. */
export const ERROR_CODES = [
  'ACT_CONFLICT',
  'ALERTMANAGER_UNAVAILABLE',
  'ALERT_NOT_FIRING',
  'ALERT_TAKEN',
  'CONFIG_INVALID',
  'APP_PORT_IN_USE',
  'APP_ROLE',
  'APP_SOCKET',
  'APP_DATA_DIR',
  'APP_ALREADY_RUNNING',
  'APP_STARTING',
  'APP_STOP_DEADLINE',
  'AUTH_REQUIRED',
  'AUTH_FORBIDDEN',
  'AUTH_GUESSES',
  'AUTH_ROLE',
  'AUTH_SCOPE',
  'AUTH_TOKEN_CONFIGURED',
  'AUTH_UNKNOWN',
  'BACKUP_INVALID',
  'BACKUP_TARGET',
  'BUS_CLOSED',
  'BUS_FENCED',
  'BUS_FULL',
  'BUS_OFFSET_OUT_OF_RANGE',
  'BUS_RECORD_TOO_LARGE',
  'BUS_UNAVAILABLE',
  'CLI_FILE',
  'CLI_SERVER_REFUSED',
  'CLI_SERVER_UNREACHABLE',
  'CSV_LAYOUT',
  'DISK_NEARLY_FULL',
  'ESCALATION_NONE',
  'ESCALATION_OVER',
  'DETECT_MODEL_INVALID',
  'DETECT_SHARD_LOST',
  'DETECT_SNAPSHOT_INVALID',
  'FEEDBACK_CONFLICT',
  'BRIEFING_TAKEN',
  'INCIDENT_CONFLICT',
  'HTTP_INVALID_REQUEST',
  'HTTP_METHOD_NOT_ALLOWED',
  'HTTP_NOT_ACCEPTABLE',
  'HTTP_NOT_FOUND',
  'HTTP_PAYLOAD_TOO_LARGE',
  'HTTP_BUSY',
  'HTTP_UNSUPPORTED_MEDIA_TYPE',
  'INGEST_CARD_NUMBER',
  'INGEST_CONFLICT',
  'INGEST_ENCODING',
  'INGEST_INVALID',
  'INGEST_JSON',
  'INGEST_OVERLOADED',
  'INTERNAL',
  'NOTIFY_FAILED',
  'REDIS_UNAVAILABLE',
  'SILENCE_ENDED',
  'RUNBOOK_FENCED',
  'RUNBOOK_FORBIDDEN',
  'RUNBOOK_INVALID',
  'RUNBOOK_REFUSED',
  'RUNBOOK_SECRET',
  'STORE_CLOSED',
  'STORE_CORRUPT',
  'STORE_FENCED',
  'STORE_MIGRATION',
  'STORE_REFUSED',
  'STORE_UNAVAILABLE',
  'USAGE',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorDetails {
  /** True when the same call may succeed later without a change. Default false. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
  /** Facts that a caller can branch on or show, besides those of `params`; never a secret, never a card number. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** The rule that was broken, for sentences in the reader's language, with its parameters. */
  readonly rule?: string;
  readonly params?: RuleParams;
}

/** Parameters of a rule; never a secret, never a card number. */
export type RuleParams = Readonly<Record<string, string | number>>;

/** The one error class of the project. `message` says what was expected, what came and what to do. */
export class GuardianError extends Error {
  override readonly name = 'GuardianError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  /** All facts: those of `params` are among them. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly rule: string | undefined;
  readonly params: RuleParams;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? false;
    this.rule = details.rule;
    this.params = details.params ?? {};
    this.data = { ...this.params, ...details.data };
  }
}

/** True for an error of ours, with that code when one is given. */
export function isGuardianError(error: unknown, code?: ErrorCode): error is GuardianError {
  return error instanceof GuardianError && (code === undefined || error.code === code);
}

/** Text of any thrown value, for logs and reasons. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const FAILURES: Partial<Record<ErrorCode, FailureCode>> = {
  APP_STARTING: 'failure_starting',
  BUS_CLOSED: 'failure_log',
  BUS_FULL: 'failure_log_full',
  BUS_UNAVAILABLE: 'failure_log',
  DISK_NEARLY_FULL: 'failure_disk_full',
  REDIS_UNAVAILABLE: 'failure_redis',
  STORE_CLOSED: 'failure_store',
  STORE_CORRUPT: 'failure_corrupt',
  STORE_REFUSED: 'failure_store_refused',
  STORE_UNAVAILABLE: 'failure_store',
};

/** The failure that an error, or what somebody said of one, is about: as a fact, for sentences in the reader's language. */
export function failureReason(error: unknown): FailureReason {
  const message = messageOf(error);
  const code = isGuardianError(error) ? FAILURES[error.code] : undefined;
  if (code !== undefined) return { code, params: { message } } as FailureReason;
  const said = failureFact(message);
  return said.code === 'failure_message' ? ({ ...failureFact(systemCode(error)), params: { message } } as FailureReason) : said;
}

/** `ECONNREFUSED` of an error or of what caused it; '' without one. */
function systemCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error.name === 'TimeoutError') return 'ETIMEDOUT';
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return 'code' in error && typeof error.code === 'string' ? error.code : systemCode(inner);
}

/** What failed on the way of a request, from the depths of fetch. */
export function failureOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return messageOf(cause instanceof AggregateError ? cause.errors[0] : (cause ?? error));
}
