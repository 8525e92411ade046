import { renderDiscord } from './discord.ts';
import type { Line } from './line.ts';
import { renderPlain } from './plain.ts';
import { renderSlack } from './slack.ts';
import { renderTelegram } from './telegram.ts';
import { renderWhatsApp } from './whatsapp.ts';

/** How a channel of OpenClaw shows messages. */
export interface ChannelRendering {
  /** One line as it is handed to OpenClaw. */
  readonly render: (line: Line) => string;
  /** Most characters of one message, markup included. */
  readonly limit: number;
  /** Shows buttons; elsewhere the text names the codes that they stand for. */
  readonly hasButtons: boolean;
}

const CHANNELS: Readonly<Record<string, ChannelRendering>> = {
  telegram: { render: renderTelegram, limit: 4000, hasButtons: true },
  whatsapp: { render: renderWhatsApp, limit: 4000, hasButtons: false },
  slack: { render: renderSlack, limit: 3900, hasButtons: true },
  discord: { render: renderDiscord, limit: 1900, hasButtons: true },
};
const PLAIN: ChannelRendering = { render: renderPlain, limit: 3500, hasButtons: false };

/** A channel that is not known gets plain text. */
export const renderingOf = (name: string): ChannelRendering => CHANNELS[name] ?? PLAIN;

/** Channels on which OpenClaw hands clicks to a plugin. */
export const BUTTON_CHANNELS = Object.keys(CHANNELS).filter((name) => renderingOf(name).hasButtons);
