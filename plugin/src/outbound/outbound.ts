import { dirname } from 'node:path';
import type { BatchParams, BatchResult, GatewayConfig, Payload, PluginLogger } from '../openclaw.ts';
import { renderingOf } from '../render/channel.ts';
import { chunk } from '../render/chunk.ts';
import { renderTelegramHtml } from '../render/telegram-html.ts';
import { within } from '../within.ts';
import { callbackValue } from './callback.ts';
import type { Button, Outbound, Outgoing, OutboundOutcome } from './outgoing.ts';
import { readSendError, withoutToken } from './send-error.ts';
import type { EditTelegram } from './telegram-edit.ts';

export interface OutboundDeps {
  readonly sendBatch: (params: BatchParams) => Promise<BatchResult>;
  readonly editTelegram: EditTelegram;
  readonly gateway: () => GatewayConfig;
  readonly log: PluginLogger;
}

/** How long the gateway may take with a message. It gives up a network that does not answer after a minute, and until then holds back
 *  what comes next for the chat: a message that were called failed before would still go out, beside the one sent in its place. */
const SEND_MS = 150_000;

export function createOutbound({ sendBatch, editTelegram, gateway, log }: OutboundDeps): Outbound {
  return {
    canEdit: (channel) => channel === 'telegram',
    async send(target, message) {
      const { channel, to, accountId, threadId } = target;
      const payloads = payloadsOf(channel, message);
      const [picture] = message.pictures ?? [];
      const params: BatchParams = {
        cfg: gateway(),
        channel,
        to,
        payloads,
        durability: 'required',
        ...(accountId === undefined ? {} : { accountId }),
        ...(threadId === undefined ? {} : { threadId }),
        ...(message.replyTo === undefined ? {} : { replyToId: message.replyTo }),
        // Discord's own limit of lines would cut a list in two.
        formatting: { maxLinesPerMessage: 200 },
        ...(picture === undefined ? {} : { mediaAccess: { localRoots: [dirname(picture)] } }),
      };
      const outcome = await settled(sendBatch(params));
      if (outcome.kind === 'failed') log.warn(`message to ${channel}:${to} failed: ${outcome.error}`);
      return outcome;
    },
    async edit(target, messageId, message) {
      if (target.channel !== 'telegram') return false;
      const [text, ...more] = chunk(message.lines, { render: renderTelegramHtml, limit: renderingOf(target.channel).limit });
      if (text === undefined || more.length > 0) return false;
      try {
        await editTelegram(target, messageId, text, message.buttons ?? []);
        return true;
      } catch (error) {
        log.warn(`message ${messageId} of ${target.channel}:${target.to} was not changed: ${withoutToken(String(error))}`);
        return false;
      }
    },
  };
}

/** The first piece of a message, as the gateway takes it. */
export const firstText = (channel: string, message: Outgoing): string => payloadsOf(channel, message)[0]?.text ?? '';

/** The payloads of a message: its pieces, the last with the buttons, then the pictures. */
function payloadsOf(channel: string, { lines, buttons = [], pictures = [] }: Outgoing): Payload[] {
  const kind = renderingOf(channel);
  const pieces = chunk(lines, kind);
  const last = pieces.length - 1;
  const texts = pieces.map((text, at): Payload =>
    at === last && buttons.length > 0 && kind.hasButtons
      ? { text, presentation: { blocks: [{ type: 'buttons', buttons: buttons.map(presented) }] } }
      : { text },
  );
  return [...texts, ...pictures.map((mediaUrl) => ({ mediaUrl }))];
}

const presented = ({ label, value, style }: Button) => ({
  label,
  reusable: true,
  action: { type: 'callback' as const, value: callbackValue(value) },
  ...(style === undefined ? {} : { style }),
});

async function settled(sending: Promise<BatchResult>): Promise<OutboundOutcome> {
  try {
    return await within(sending.then(outcomeOf), SEND_MS, {
      kind: 'failed',
      error: `no answer within ${SEND_MS / 1000} s`,
      mayHaveArrived: true,
    });
  } catch (error) {
    const { error: text, mayHaveArrived } = readSendError(error);
    return { kind: 'failed', error: text, mayHaveArrived };
  }
}

function outcomeOf({ status, results, receipt, error, reason }: BatchResult): OutboundOutcome {
  const messageId = receipt?.primaryPlatformMessageId ?? results?.at(-1)?.messageId ?? null;
  if (status === 'sent') return { kind: 'sent', messageId };
  if (status === 'suppressed') return { kind: 'failed', error: `suppressed: ${reason ?? '?'}`, mayHaveArrived: false };
  const failure = readSendError(error);
  // Part of it is on the phone: sending it again would double that part.
  if (status === 'partial_failed') return { kind: 'sent', messageId };
  return failure.isHeld ? { kind: 'held' } : { kind: 'failed', error: failure.error, mayHaveArrived: failure.mayHaveArrived };
}
