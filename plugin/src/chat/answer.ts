import type { ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import { pluginText } from '@transaction-guardian/contracts/text/plugin-text.ts';
import type { Button, Outgoing } from '../outbound/outgoing.ts';
import { renderingOf } from '../render/channel.ts';
import { plainLines, type Line } from '../render/line.ts';

/** Longest text of a button, bytes: Telegram takes 64, of which OpenClaw's prefix and ours take 19. */
const MOST_BYTES = 45;

/** An answer of the server as a message of a channel: buttons where it has them, what to write where not. Pictures are sent by their
 *  paths. */
export function outgoingOf(channel: string, answer: ChatAnswer, pictures: readonly string[] = []): Outgoing {
  const { hasButtons } = renderingOf(channel);
  const { locale } = answer;
  const fits = ({ value }: Button): boolean => hasButtons && Buffer.byteLength(value) <= MOST_BYTES;
  const acts = answer.buttons.map(({ label, text, style }): Button => ({ label, value: text, ...(style === 'normal' ? {} : { style }) }));
  const offered = new Set(acts.map(({ value }) => value));
  const next = answer.follow_ups.filter((text) => !offered.has(text)).map((text): Button => ({ label: text, value: text }));
  const written = acts.filter((button) => !fits(button));
  const said = next.filter((button) => !fits(button)).map(({ value }) => value);
  const extra: Line[] = [
    ...written.map(({ label, value }) => ({ text: pluginText(locale, 'plugin.answer.option', { label, text: value }) })),
    ...(said.length === 0 ? [] : [{ text: pluginText(locale, 'plugin.answer.next', { said: said.join(' · ') }) }]),
    ...(pictures.length === 0 ? answer.attachments : []).map(({ description }) => ({
      text: pluginText(locale, 'plugin.answer.chart', { what: description }),
    })),
  ];
  const blocks = answer.blocks.flatMap(({ text }, at) => [...(at === 0 ? [] : [{ text: '' }]), ...plainLines(text)]);
  return {
    lines: [...blocks, ...(extra.length === 0 ? [] : [{ text: '' }, ...extra])],
    buttons: [...acts, ...next].filter(fits),
    pictures,
  };
}

/** The message while the server does not answer: nothing is known, and nothing looks fine. */
export function awayMessage(locale: ChatAnswer['locale'], why: string): Outgoing {
  return { lines: plainLines(pluginText(locale, 'plugin.answer.away', { why })) };
}
