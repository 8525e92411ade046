import type { GatewayConfig } from '../openclaw.ts';
import type { Target } from '../settings.ts';
import type { Button } from './outgoing.ts';

/** Changes the text and the buttons of a message. Throws what `fetch` throws, and an error with Telegram's description. */
export type EditTelegram = (target: Target, messageId: string, html: string, buttons: readonly Button[]) => Promise<void>;

const EDIT_MS = 10_000;
const PER_ROW = 3;
/** Telegram's answer when nothing would change. */
const SAME = 'message is not modified';

/** Edits through the Bot API with the channel's own token: OpenClaw lets a plugin edit only in the answer to a click. */
export function createTelegramEdit(
  gateway: () => GatewayConfig,
  account: (
    cfg: GatewayConfig,
    accountId: string | undefined,
  ) => Promise<{ readonly token: string; readonly apiRoot?: string | undefined }>,
  encode: (value: string) => string,
): EditTelegram {
  return async ({ to, accountId }, messageId, html, buttons) => {
    const { token, apiRoot = 'https://api.telegram.org' } = await account(gateway(), accountId);
    const keys = buttons.map(({ label, value }) => ({ text: label, callback_data: encode(value) }));
    const rows = Array.from({ length: Math.ceil(keys.length / PER_ROW) }, (_row, at) => keys.slice(at * PER_ROW, (at + 1) * PER_ROW));
    const response = await fetch(`${apiRoot.replace(/\/+$/, '')}/bot${token}/editMessageText`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        chat_id: to,
        message_id: Number(messageId),
        text: html,
        parse_mode: 'HTML',
        link_preview_options: { is_disabled: true },
        reply_markup: { inline_keyboard: rows },
      }),
      signal: AbortSignal.timeout(EDIT_MS),
    });
    const body = (await response.json()) as { readonly ok?: boolean; readonly description?: string };
    if (body.ok !== true && body.description?.includes(SAME) !== true) throw new Error(body.description ?? `HTTP ${response.status}`);
  };
}
