import { ANOMALY_TYPES } from '@transaction-guardian/contracts/anomaly-type.ts';
import { pluginText } from '@transaction-guardian/contracts/text/plugin-text.ts';
import type { Locale } from '@transaction-guardian/contracts/text/render-text.ts';
import type { Button } from '../outbound/outgoing.ts';
import { renderingOf } from '../render/channel.ts';
import type { Line } from '../render/line.ts';
import type { IncomingAlert } from '../payload.ts';
import type { Told } from '../state/ledger.ts';

/** What can be done about the alerts of a message. `own`: they are anomalies of the server. `elsewhere`: they are of the rules of
 *  others, or about the server itself, and the server can hold them back in Alertmanager. `briefing`, `notice`: a briefing that waits, a
 *  silence that is in force. `nothing`: nobody could carry it out. */
export type Actable = 'own' | 'elsewhere' | 'briefing' | 'notice' | 'nothing';

const ANOMALIES: readonly string[] = ANOMALY_TYPES;

/** `actsElsewhere`: whether the server acts on what only Alertmanager has; asked only where that counts. */
export async function actableOf(
  alerts: readonly IncomingAlert[],
  { isFromServer, actsElsewhere }: { readonly isFromServer: boolean; readonly actsElsewhere: () => Promise<boolean> },
): Promise<Actable> {
  if (alerts.some(({ labels }) => labels['service'] === 'transaction-guardian' && ANOMALIES.includes(labels['type'] ?? ''))) return 'own';
  const [first, ...more] = alerts;
  const labels = first?.labels ?? {};
  if (more.length === 0 && labels['briefing'] !== undefined) return 'briefing';
  if (more.length === 0 && labels['silence_id'] !== undefined) return 'notice';
  return !isFromServer && (await actsElsewhere()) ? 'elsewhere' : 'nothing';
}

/** What a message about alerts offers: buttons, or the codes to answer with where its channel has none. `number` names it. */
export function offers(
  channel: string,
  {
    number,
    alerts,
    actable,
    locale,
  }: { readonly number: number; readonly alerts: readonly IncomingAlert[]; readonly actable: Actable; readonly locale: Locale },
): { readonly buttons: Button[]; readonly lines: Line[] } {
  const isFiring = alerts.some(({ status }) => status === 'firing');
  const keys = OFFERED[actable][isFiring ? 'firing' : 'resolved'];
  if (keys.length === 0) return { buttons: [], lines: [] };
  if (renderingOf(channel).hasButtons) return { buttons: keys.map((key) => buttonOf(key, { number, alerts, locale })), lines: [] };
  const codes = keys.flatMap((key) =>
    key in CODES ? [pluginText(locale, `plugin.code.${key as keyof typeof CODES}`, { n: number })] : [],
  );
  const text = pluginText(locale, 'plugin.codes', { codes: codes.join(' ·\u00a0') });
  return { buttons: [], lines: codes.length === 0 ? [] : [{ text: '' }, { text }] };
}

type Offer = keyof typeof CODES | 'accept' | 'end_silence';
const OFFERED: Readonly<Record<Actable, { readonly firing: readonly Offer[]; readonly resolved: readonly Offer[] }>> = {
  own: { firing: ['ack', 'snooze', 'runbook'], resolved: ['useful', 'noise'] },
  elsewhere: { firing: ['ack', 'snooze'], resolved: [] },
  briefing: { firing: ['accept'], resolved: [] },
  notice: { firing: ['end_silence'], resolved: [] },
  nothing: { firing: [], resolved: [] },
};

function buttonOf(
  key: Offer,
  { number, alerts, locale }: { readonly number: number; readonly alerts: readonly IncomingAlert[]; readonly locale: Locale },
): Button {
  const { briefing = '', silence_id: silence = '' } = alerts[0]?.labels ?? {};
  const accept = `accept ${briefing}`;
  const words = { accept: accept.length > MOST_VALUE ? 'accept' : accept, end_silence: `end silence ${silence}` };
  const value = key === 'accept' || key === 'end_silence' ? words[key] : `${CODES[key]}${number}`;
  return { label: pluginText(locale, `plugin.button.${key}`), value, ...(key === 'ack' ? { style: 'primary' as const } : {}) };
}

/** What Telegram leaves of a button's 64 bytes. */
const MOST_VALUE = 44;
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
