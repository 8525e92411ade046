import { pluginText } from '@transaction-guardian/contracts/text/plugin-text.ts';
import type { Locale } from '@transaction-guardian/contracts/text/render-text.ts';
import type { Button } from '../outbound/outgoing.ts';
import { renderingOf } from '../render/channel.ts';
import type { Line } from '../render/line.ts';
import type { Told } from '../state/ledger.ts';

/** What a message about alerts offers: buttons, or the codes to answer with where its channel has none. `number` names it. */
export function offers(
  channel: string,
  number: number,
  isFiring: boolean,
  locale: Locale,
): { readonly buttons: Button[]; readonly lines: Line[] } {
  const button = (key: 'ack' | 'snooze' | 'runbook' | 'useful' | 'noise', style?: 'primary'): Button => ({
    label: pluginText(locale, `plugin.button.${key}`),
    value: `${CODES[key]}${number}`,
    ...(style === undefined ? {} : { style }),
  });
  if (!renderingOf(channel).hasButtons)
    return {
      buttons: [],
      lines: [{ text: '' }, { text: pluginText(locale, isFiring ? 'plugin.codes.firing' : 'plugin.codes.resolved', { n: number }) }],
    };
  const buttons = isFiring ? [button('ack', 'primary'), button('snooze'), button('runbook')] : [button('useful'), button('noise')];
  return { buttons, lines: [] };
}

const CODES = { ack: 'a', snooze: 's', runbook: 'r', useful: 'u', noise: 'n' } as const;
const CODE = /^\s*\/?([asrun])(\d{1,3})\s*$/i;
/** The server answers ten lines of a message. */
const MOST_LINES = 10;

/** What a code or a button means: its letter and the number of a message. Null when the text is none. */
export function readMessageCode(text: string): { readonly letter: string; readonly number: number } | null {
  const [, letter, number] = CODE.exec(text) ?? [];
  return letter === undefined ? null : { letter: letter.toLowerCase(), number: Number(number) };
}

/** What to ask the server for a code about a message: a line for each of its alerts. */
export function questionsOf(letter: string, { alerts }: Pick<Told, 'alerts'>): string {
  const firing = alerts.filter(({ status }) => status === 'firing');
  const meant = (letter === 'a' || letter === 's' || letter === 'r') && firing.length > 0 ? firing : alerts;
  const ids = meant.map(({ fingerprint }) => fingerprint).slice(0, letter === 'r' ? 1 : MOST_LINES);
  return ids.map((id) => WORDS[letter]?.(id) ?? '').join('\n');
}

const WORDS: Readonly<Record<string, (id: string) => string>> = {
  a: (id) => `ack ${id}`,
  s: (id) => `snooze ${id} for 15m`,
  r: (id) => `runbook ${id}`,
  u: (id) => `useful ${id}`,
  n: (id) => `noise ${id}`,
};
