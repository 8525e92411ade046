import { readFile } from 'node:fs/promises';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { messageOf } from '../../../errors.ts';
import { withoutAddress } from '../../../telemetry/redact.ts';
import type { DeliveryAttempt, Send } from '../channel.ts';
import type { SendOutcome } from '../retry.ts';
import { messageText } from '../text/message-text.ts';
import type { EmailReceiver } from './config.ts';
import { mailOf } from './mail.ts';

const TIMEOUT_MS = 10_000;

/** Sends messages as mail, text and HTML. The id of the mail is made of that of the message, so that a repeat is the same mail, and a
 *  mail of a group answers the one before it. The receipt is that id: the server has taken the mail. */
export function createEmailSend(locale: Locale): Send<EmailReceiver> {
  return async (receiver, delivery, signal) => {
    if (signal.aborted) return { kind: 'retry', error: 'given up', afterMs: 0 };
    // Loaded when the first mail goes out: most installations send none.
    const { createTransport } = await import('nodemailer');
    const ca = receiver.ca_file === undefined ? undefined : await readFile(receiver.ca_file).catch(() => undefined);
    const transport = createTransport({
      host: receiver.host,
      port: receiver.port,
      secure: receiver.tls === 'implicit',
      requireTLS: receiver.tls === 'starttls',
      ignoreTLS: receiver.tls === 'none',
      ...(ca === undefined ? {} : { tls: { ca } }),
      ...(receiver.user === undefined ? {} : { auth: { user: receiver.user, pass: receiver.password ?? '' } }),
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const givenUp = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
      AbortSignal.timeout(TIMEOUT_MS * 2).addEventListener('abort', () => reject(new Error(`no answer within ${TIMEOUT_MS / 500} s`)));
    });
    try {
      const mail = mailFor(receiver, delivery, locale);
      await Promise.race([transport.sendMail(mail), givenUp]);
      return { kind: 'delivered', receipt: { to: receiver.to, providerMessageId: mail.messageId } };
    } catch (error) {
      return failureOf(error);
    } finally {
      transport.close();
    }
  };
}

function mailFor({ from, to }: EmailReceiver, { id, message, previous }: DeliveryAttempt, locale: Locale) {
  const said = messageText(message, locale);
  const urgent = said.status === 'firing' && said.severity === 'critical';
  return {
    ...{ from: { name: 'Transaction Guardian', address: from }, to, ...mailOf(said) },
    messageId: `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
    ...(previous === undefined ? {} : { inReplyTo: previous.providerMessageId, references: previous.providerMessageId }),
    ...(urgent ? { priority: 'high' as const } : {}),
    // An answer of an absent person's mailbox helps nobody (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Guardian-Notification': id },
  };
}

/** An answer with 5xx and wrong credentials have to be mended; anything else may pass (RFC 5321, 4.2.1). */
function failureOf(error: unknown): SendOutcome {
  const { responseCode, code, command } = error as { readonly responseCode?: unknown; readonly code?: unknown; readonly command?: unknown };
  const number = typeof responseCode === 'number' ? responseCode : null;
  const reason = withoutAddress(number === null ? (typeof code === 'string' ? code : messageOf(error)) : `SMTP ${number}`);
  const isRefused = code === 'EAUTH' ? number === null || number >= 500 : number !== null && number >= 500;
  // Only what ends without an answer while the text goes out may have been taken.
  const isUnknown = number === null && (command === 'DATA' || reason.startsWith('no answer'));
  return isRefused ? { kind: 'refused', error: reason } : { kind: 'retry', error: reason, afterMs: 0, mayHaveArrived: isUnknown };
}
