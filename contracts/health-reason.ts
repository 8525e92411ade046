/** No parameters. */
type Nothing = Readonly<Record<string, never>>;
/** `message`: what the other side or the operating system said, for whoever repairs it. */
type Failure = Readonly<Record<'message', string>>;

/** Every fact that a part of the program can give for its state, with its parameters. The sentence of each in both languages is
 *  `reason.<code>`. Times are ISO texts, lengths seconds. */
export interface HealthFacts {
  part_alerts_behind: { readonly receiver: string; readonly alerts: number };
  part_alerts_held: Nothing;
  part_behind: { readonly until: string; readonly minutes: number };
  part_behind_all: { readonly minutes: number };
  part_breaker_half_open: Nothing;
  part_breaker_open: Nothing;
  part_clients: { readonly clients: number };
  part_left_over: Nothing;
  part_no_report: { readonly seconds: number };
  part_over_cap: { readonly used: number; readonly most: number };
  part_page_times: { readonly half: number; readonly most: number; readonly alerts: number };
  part_pipeline_restarting: Nothing;
  part_pipeline_starting: Nothing;
  part_process_ends: { readonly ends: number; readonly end: string };
  part_process_restarting: { readonly end: string };
  part_proof_age: { readonly receiver: string; readonly seconds: number };
  part_proof_never: { readonly receiver: string };
  part_receiver_failing: { readonly receiver: string; readonly since: string };
  part_redis_connecting: Nothing;
  part_removed_early: { readonly removed: number; readonly before: string; readonly at: string };
  part_role_missing: { readonly role: string };
  part_role_quiet: { readonly role: string; readonly seconds: number };
  part_role_stale: { readonly role: string; readonly seconds: number };
  part_role_starting: { readonly role: string };
  part_shard_behind: { readonly seconds: number };
  part_shard_catching_up: Nothing;
  part_shard_ended: Nothing;
  part_shard_losses: { readonly losses: number };
  part_shard_restarting: Nothing;
  part_shard_silent: Nothing;
  part_shard_starting: Nothing;
  part_silence_differs: { readonly receiver: string; readonly silence: string };
  part_spooled: { readonly records: number; readonly bytes: number; readonly most: number; readonly seconds: number };
  part_standstill: { readonly seconds: number };
  part_tracker: Nothing;
  part_unknown: Nothing;
  part_unproven: Nothing;

  self_disk_filling: { readonly hours: number; readonly free: number };
  self_disk_full: { readonly free: number; readonly needed: number };
  self_disk_low: { readonly free: number };
  self_ended: { readonly reason: string };
  self_failing: { readonly part: string };
  self_hang: Nothing;
  self_killed: Nothing;
  self_engines_away: { readonly seconds: number };
  self_log_away: { readonly seconds: number };
  self_store_away: { readonly seconds: number };
  self_role_missing: { readonly role: string; readonly seconds: number };
  self_shard: { readonly shard: number };
  self_start_failed: { readonly failure: FailureCode; readonly message: string };
  self_starting: Nothing;
  self_unfinished: { readonly part: string };

  failure_certificate: Failure;
  failure_corrupt: Failure;
  failure_disk_full: Failure;
  failure_http: Failure & { readonly status: number };
  failure_log: Failure;
  failure_log_full: Failure;
  failure_message: Failure;
  failure_no_answer: Failure;
  failure_no_host: Failure;
  failure_not_allowed: Failure;
  failure_not_sayable: Failure;
  failure_redis: Failure;
  failure_refused: Failure;
  failure_reset: Failure;
  failure_starting: Failure;
  failure_store: Failure;
  failure_store_refused: Failure;
  failure_unreachable: Failure;
}

export type HealthCode = keyof HealthFacts;
export type FailureCode = Extract<HealthCode, `failure_${string}`>;

type FactOf<Codes extends HealthCode> = { [Code in Codes]: { readonly code: Code; readonly params: HealthFacts[Code] } }[Codes];
/** One fact about a part, without words. */
export type HealthFact = FactOf<HealthCode>;
/** Why something failed. */
export type FailureReason = FactOf<FailureCode>;
/** Why a part is as it is: a fact, and what caused it. There is no text in it: sentences are made where somebody reads them. */
export type HealthReason = HealthFact & { readonly cause?: HealthFact };

/** Words in which operating systems, TLS and fetch say the same failure. */
const SAID: readonly (readonly [RegExp, FailureCode])[] = [
  [/\bECONNREFUSED\b/, 'failure_refused'],
  [/\b(?:ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_\w*TIMEOUT)\b|\bno answer within\b|\btimed? ?out\b|\btimeout\b/i, 'failure_no_answer'],
  [/\b(?:ENOTFOUND|EAI_AGAIN)\b/, 'failure_no_host'],
  [/\b(?:EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ENETDOWN)\b/, 'failure_unreachable'],
  [
    /\b(?:ECONNRESET|EPIPE|UND_ERR_SOCKET|ECONNABORTED)\b|socket hang up|other side closed|connection terminated|socket closed/i,
    'failure_reset',
  ],
  [/\bCERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_(?:VERIFY|GET)\w*|ERR_TLS\w*/, 'failure_certificate'],
  [/\bENOSPC\b|no space left|database or disk is full/i, 'failure_disk_full'],
  [/\b(?:EACCES|EPERM|EROFS)\b/, 'failure_not_allowed'],
];

/** The failure that a text of a driver, a channel or the operating system is about. Pure. */
export function failureFact(message: string): FailureReason {
  const status = /^HTTP (\d{3})\b/.exec(message)?.[1];
  if (status !== undefined) return { code: 'failure_http', params: { message, status: Number(status) } };
  const code = SAID.find(([words]) => words.test(message))?.[1] ?? 'failure_message';
  return { code, params: { message } } as FailureReason;
}
