import { escapeMarkdown } from '@transaction-guardian/contracts/text/markup.ts';
import type { Markup } from '../text/fit-text.ts';

/** Most characters of `content` (Execute Webhook, Discord's API). */
export const MAX_LENGTH = 2000;

/** Discord's Markdown: what it reads is escaped, lists and mentions too; an address in angle brackets makes no preview. */
export const DISCORD_MARKDOWN: Markup = {
  escape: (line) =>
    escapeMarkdown(line)
      .replaceAll('@', '@\u200B')
      .replace(/^(\u200E?)-/, String.raw`$1\-`),
  bold: (line) => `**${line}**`,
  link: ({ label, url }) => `[${escapeMarkdown(label)}](<${url.replaceAll('>', '%3E')}>)`,
  size: (text) => text.length,
};
