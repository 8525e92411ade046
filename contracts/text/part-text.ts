import type { Health } from '../stats.ts';
import { text, type Locale } from './text.ts';

/** A part of the program that is not well, in the reader's language. What a part says of itself (`detail`) is English, for whoever repairs it;
 *  of a delivery without proof the line about deliveries says more. */
export function partText(locale: Locale, name: string, { status, detail }: Health['checks'][string]): string {
  if (name === 'proof' && status === 'degraded') return text(locale, 'chat.part.proof');
  const state = text(locale, `chat.part.${status}`);
  const [kind = '', ...rest] = name.split(':');
  const which = rest.join(':');
  const isOne = kind === 'receiver' || kind === 'process' || kind === 'role' || kind === 'shard';
  const part = isOne ? text(locale, `chat.part.${kind}`, { name: which }) : name;
  return `${part}: ${state}${detail === undefined ? '' : ` (${detail})`}`;
}
