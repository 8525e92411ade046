/** What OpenClaw says about a message that it could not send. */
export interface SendFailure {
  readonly error: string;
  /** Its queue has the message and delivers it by itself: sending it again would double it. */
  readonly isHeld: boolean;
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
  };
}

/** A text without the token that addresses of the Bot API carry. */
export const withoutToken = (text: string): string => text.replaceAll(/bot\d+:[\w-]+/g, 'bot…').slice(0, 300);
