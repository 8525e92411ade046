import { momentText } from '@transaction-guardian/contracts/text/render-text.ts';
import type { Cli } from './cli.ts';

/** Makes ISO 8601 times readable in the person's language and a time zone, with their day. `full`: always with the year; `day`: with the
 *  year when it is not this one. */
export function localDate(
  { locale, clock }: Pick<Cli, 'locale' | 'clock'>,
  timeZone: string,
  date: 'full' | 'day' = 'full',
): (iso: string) => string {
  return (iso) => momentText(locale, Date.parse(iso), { timeZone, ...(date === 'day' ? { nowMs: clock.now() } : {}) }, 'datetime');
}
