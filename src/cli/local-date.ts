import type { Cli } from './cli.ts';

const SHORT = { dateStyle: 'short', timeStyle: 'short' } as const;

/** Makes ISO 8601 times readable in the person's language and a time zone; English dates put the day first, as Portuguese ones. */
export function localDate(cli: Pick<Cli, 'locale'>, timeZone: string, fields: Intl.DateTimeFormatOptions = SHORT): (iso: string) => string {
  const format = new Intl.DateTimeFormat(cli.locale === 'en' ? 'en-GB' : cli.locale, { ...fields, timeZone });
  return (iso) => format.format(Date.parse(iso));
}
