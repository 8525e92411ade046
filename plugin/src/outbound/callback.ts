/** Names our clicks among those of other plugins. */
export const NAMESPACE = 'tguard';

/** The value of a button as OpenClaw takes it in an action. */
export const callbackValue = (value: string): string => `${NAMESPACE}:${value}`;

/** A value as OpenClaw writes it into Telegram's `callback_data`: with the first five characters of its FNV-1a in base 36. Needed
 *  where the plugin edits a message by itself. */
export function telegramCallbackData(value: string): string {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < value.length; at++) hash = Math.imul(hash ^ value.charCodeAt(at), 0x01_00_01_93) >>> 0;
  return `tgcb1:${hash.toString(36).slice(0, 5).padStart(5, '0')}:${value}`;
}
