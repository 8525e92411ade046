// Draws docs/images/clawdbot.png and clawdbot.en.png: node test/clawdbot/draw-phone.ts
// The texts are those of docs/a-night.md and docs/a-night.en.md, and of the catalogue, in the markup that Telegram and WhatsApp are handed. Needs Chromium and, for the signs,
// Debian's fonts-noto-color-emoji.
import { readFileSync } from 'node:fs';
import { escapeHtml } from '@transaction-guardian/contracts/text/markup.ts';
import { text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { offers } from '../../plugin/src/alert/alert-buttons.ts';
import { alertOf } from '../../plugin/src/test-world.ts';
import { plainLines, type Line } from '../../plugin/src/render/line.ts';
import { renderTelegramHtml } from '../../plugin/src/render/telegram-html.ts';
import { launch } from '../console/chromium.ts';

/** A night as one phone shows it. `says`: first lines of its blocks: the page, its acknowledgement, its end, the question. */
interface Night {
  readonly locale: Locale;
  readonly picture: string;
  readonly doc: string;
  readonly says: readonly string[];
  readonly asks: string;
  /** Who took it, and who gets the next step where nobody does. */
  readonly owner: string;
  readonly next: string;
  readonly headers: Readonly<Record<'telegram' | 'whatsapp' | 'next', string>>;
}

const NIGHTS: readonly Night[] = [
  {
    ...{ locale: 'pt-BR', picture: 'clawdbot.png', doc: 'a-night.md', asks: 'status', owner: 'Ana', next: 'Bob' },
    says: ['02:43 guardian', '02:44 Ana: ack 1', '02:47 guardian', '02:56 Ana: status'],
    headers: { telegram: 'Telegram', whatsapp: 'WhatsApp', next: 'Telegram, se ninguém reconhece' },
  },
  {
    ...{ locale: 'en', picture: 'clawdbot.en.png', doc: 'a-night.en.md', asks: 'health check', owner: 'Bob', next: 'Ana' },
    says: ['02:43 guardian', '02:44 Bob: ack 1', '02:47 guardian', '02:56 Bob: health check'],
    headers: { telegram: 'Telegram', whatsapp: 'WhatsApp', next: 'Telegram, when nobody takes it' },
  },
];
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
function said({ doc }: Night, begins: string): string {
  const page = readFileSync(new URL(`../../docs/${doc}`, import.meta.url), 'utf8');
  const found = page.split('```').find((block) => block.startsWith(`text\n${begins}`));
  if (found === undefined) throw new Error(`docs/${doc} has no block "${begins}"`);
  return found.slice(`text\n${begins}`.length).trim();
}

const telegram = (lines: readonly Line[]): string => lines.map(renderTelegramHtml).join('\n');
/** WhatsApp shows the title bold and everything else as it is written. */
const whatsApp = (lines: readonly Line[]): string =>
  lines.map(({ text, style: how }) => (how === 'strong' ? `<b>${escapeHtml(text)}</b>` : escapeHtml(text))).join('\n');
const own = (text: string): Drawn => ({ html: escapeHtml(text), isOwn: true });

type Phone = keyof Night['headers'];

function chatOn(night: Night, phone: Phone): string {
  const { locale, says, asks, headers } = night;
  const channel = phone === 'whatsapp' ? 'whatsapp' : 'telegram';
  const render = channel === 'telegram' ? telegram : whatsApp;
  const [page = [], byNumber = [], over = [], status = []] = says.map((begins) => plainLines(said(night, begins)));
  // A tap and a code name the alert by its id, which has no number.
  const taken = byNumber.map((line) => ({ ...line, text: line.text.replace(' #1', '') }));
  const message = (lines: readonly Line[], number?: number, how: 'firing' | 'resolved' = 'firing'): Drawn => {
    if (number === undefined) return { html: render(lines) };
    const { buttons, lines: codes } = offers(channel, { number, alerts: [alertOf({ status: how })], actable: 'own', locale });
    return { html: render([...lines, ...codes]), buttons: buttons.map(({ label }) => label) };
  };
  const answers = render(page.slice(0, 1));
  const end = { ...message(over, 2, 'resolved'), answers };
  const step = { text: text(locale, 'oncall.step', { step: 1, who: night.next }) };
  const takenByNext = taken.map((line) => ({ ...line, text: line.text.replace(night.owner, night.next) }));
  const messages: Readonly<Record<Phone, readonly Drawn[]>> = {
    telegram: [message(page, 1), message(taken), end, own(asks), message(status)],
    whatsapp: [message(page, 1), own('a1'), message(taken), end, own(asks), message(status)],
    next: [message([...page, step], 1), message(takenByNext), end],
  };
  return `<section class="${channel}"><header>${headers[phone]}</header>${messages[phone].map(messageHtml).join('')}</section>`;
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

const PHONES: readonly Phone[] = ['telegram', 'whatsapp', 'next'];
const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: PHONES.length * (WIDTH + 16) + 16, height: 300 } });
  for (const night of NIGHTS) {
    const chats = PHONES.map((phone) => chatOn(night, phone)).join('');
    await page.setContent(`<!doctype html><meta charset="utf-8"><style>${STYLE}</style>${chats}`);
    await page.screenshot({ path: new URL(`../../docs/images/${night.picture}`, import.meta.url).pathname, fullPage: true });
  }
} finally {
  await browser.close();
}
