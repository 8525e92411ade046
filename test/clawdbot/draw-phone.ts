// Draws docs/images/clawdbot.png: node test/clawdbot/draw-phone.ts
// The texts are those of docs/a-night.md, in the markup that Telegram and WhatsApp are handed. Needs Chromium and, for the signs,
// Debian's fonts-noto-color-emoji.
import { readFileSync } from 'node:fs';
import { escapeHtml } from '@transaction-guardian/contracts/text/markup.ts';
import { offers } from '../../plugin/src/alert/alert-buttons.ts';
import { plainLines, type Line } from '../../plugin/src/render/line.ts';
import { renderTelegramHtml } from '../../plugin/src/render/telegram-html.ts';
import { launch } from '../console/chromium.ts';

const NIGHT = readFileSync(new URL('../../docs/a-night.md', import.meta.url), 'utf8');
const PICTURE = new URL('../../docs/images/clawdbot.png', import.meta.url).pathname;
/** Width of a phone, CSS pixels. */
const WIDTH = 390;

/** A message of the bot, or what its owner wrote. */
interface Drawn {
  readonly html: string;
  readonly isOwn?: true;
  /** What is quoted above it. */
  readonly answers?: string;
  readonly buttons?: readonly string[];
}

/** What the program said in a block of the night, by its first line. */
function said(begins: string): string {
  const text = NIGHT.split('```').find((block) => block.startsWith(`text\n${begins}`));
  if (text === undefined) throw new Error(`docs/a-night.md has no block "${begins}"`);
  return text.slice(`text\n${begins}`.length).trim();
}

const telegram = (lines: readonly Line[]): string => lines.map(renderTelegramHtml).join('\n');
/** WhatsApp shows the title bold and everything else as it is written. */
const whatsApp = (lines: readonly Line[]): string =>
  lines.map(({ text, style: how }) => (how === 'strong' ? `<b>${escapeHtml(text)}</b>` : escapeHtml(text))).join('\n');
const own = (text: string): Drawn => ({ html: escapeHtml(text), isOwn: true });

function chatOn(channel: 'telegram' | 'whatsapp'): string {
  const render = channel === 'telegram' ? telegram : whatsApp;
  const [page, taken, over, status] = ['02:43 guardian', '02:44 Ana: ack 1', '02:47 guardian', '02:56 Ana: status'].map((begins) =>
    plainLines(said(begins)),
  );
  const offered = (number: number, isFiring: boolean) => offers(channel, number, isFiring, 'pt-BR');
  const message = (lines: readonly Line[] = [], number?: number, isFiring = true): Drawn => {
    if (number === undefined) return { html: render(lines) };
    const { buttons, lines: codes } = offered(number, isFiring);
    return { html: render([...lines, ...codes]), buttons: buttons.map(({ label }) => label) };
  };
  const title = render((page ?? []).slice(0, 1));
  const messages = [
    message(page, 1),
    ...(channel === 'whatsapp' ? [own('a1')] : []),
    message(taken),
    { ...message(over, 2, false), answers: title },
    own('status'),
    message(status),
  ];
  return `<section class="${channel}"><header>${channel === 'telegram' ? 'Telegram' : 'WhatsApp'}</header>${messages.map(messageHtml).join('')}</section>`;
}

const messageHtml = ({ html, isOwn, answers, buttons = [] }: Drawn): string =>
  `<article class="${isOwn === true ? 'own' : ''}"><p>${answers === undefined ? '' : `<q>${answers}</q>`}${html}</p>${
    buttons.length === 0 ? '' : `<nav>${buttons.map((label) => `<button>${escapeHtml(label)}</button>`).join('')}</nav>`
  }</article>`;

const STYLE = `
*{box-sizing:border-box;margin:0}
body{display:flex;gap:16px;padding:16px;background:#0b0f14;font:16px/1.35 "Liberation Sans","Noto Color Emoji","DejaVu Sans",sans-serif;align-items:flex-start}
section{width:${WIDTH}px;border-radius:24px;padding:0 10px 16px;overflow:hidden}
header{margin:0 -10px 12px;padding:14px 16px;font-weight:600;color:#fff}
.telegram{background:#0e1621}.telegram header{background:#17212b}
.whatsapp{background:#0b141a}.whatsapp header{background:#1f2c34}
article{max-width:92%;margin:0 0 10px;width:fit-content}
article.own{margin-left:auto}
p{padding:8px 12px;border-radius:14px;white-space:pre-wrap;overflow-wrap:anywhere;color:#f2f5f8;font-size:15px}
.telegram p{background:#182533}.telegram .own p{background:#2b5278}
.whatsapp p{background:#202c33}.whatsapp .own p{background:#005c4b}
q{display:block;quotes:none;border-left:3px solid #5eb5f7;padding:2px 8px;margin-bottom:6px;color:#9fb3c6;font-size:13px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
nav{display:flex;gap:4px;margin-top:4px}
button{flex:1;border:0;border-radius:8px;padding:9px 4px;background:#1f3346;color:#dbe9f6;font:14px "Liberation Sans",sans-serif}
`;

const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 2 * WIDTH + 48, height: 300 } });
  await page.setContent(`<!doctype html><meta charset="utf-8"><style>${STYLE}</style>${chatOn('telegram')}${chatOn('whatsapp')}`);
  await page.screenshot({ path: PICTURE, fullPage: true });
} finally {
  await browser.close();
}
