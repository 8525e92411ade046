/** What OpenClaw says about a message that it could not send. */
export interface SendFailure {
  readonly error: string;
  /** Its queue has the message and delivers it by itself: sending it again would double it. */
  readonly isHeld: boolean;
  /** The channel was asked, and nobody knows what it did: no answer of it, such as 403, is in the error. */
  readonly mayHaveArrived: boolean;
}

/** Reads the error of a failed batch. Nothing was sent and the queue holds it: it is delivered later. Anything else is given up by
 *  the gateway, which never repeats what may have been sent. */
export function readSendError(error: unknown): SendFailure {
  const { message, sentBeforeError, queueCustody } = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly message?: unknown;
    readonly sentBeforeError?: unknown;
    readonly queueCustody?: unknown;
  };
  return {
    error: withoutToken(typeof message === 'string' ? message : String(error)),
    isHeld: sentBeforeError === false && queueCustody === 'held',
    mayHaveArrived: sentBeforeError !== false && !isAnswered(error),
  };
}

/** What the packages of the channels throw when their network refused: grammY's `error_code`, Discord's `status`, Slack's code. */
function isAnswered(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 5) return false;
  const { error_code: telegram, status, statusCode, code, cause, message } = error as Readonly<Record<string, unknown>>;
  if ([telegram, status, statusCode].some((value) => typeof value === 'number' && value >= 400)) return true;
  if (code === 'slack_webapi_platform_error' || (typeof message === 'string' && ANSWER.test(message))) return true;
  return isAnswered(cause, depth + 1);
}
/** `Call to 'sendMessage' failed! (403: Forbidden)`; `An API error occurred: channel_not_found`; `HTTP 500`. */
const ANSWER = /\([45]\d\d: |An API error occurred|\bHTTP [45]\d\d\b/;

/** A text without the token that addresses of the Bot API carry. */
export const withoutToken = (text: string): string => text.replaceAll(/bot\d+:[\w-]+/g, 'bot…').slice(0, 300);
