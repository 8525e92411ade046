import type { Cli } from './cli.ts';

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
/** Readers of English do not agree on 01/11, so the month has a name there. */
const MONTH = { en: 'short', 'pt-BR': '2-digit' } as const;

/** Makes ISO 8601 times readable in the person's language and a time zone. `date`: with the year, or without. */
export function localDate(cli: Pick<Cli, 'locale'>, timeZone: string, date: 'full' | 'day' = 'full'): (iso: string) => string {
  const { locale } = cli;
  const year = date === 'full' ? ({ year: 'numeric' } as const) : {};
  const format = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, {
    ...CLOCK,
    ...year,
    day: '2-digit',
    month: MONTH[locale],
    timeZone,
  });
  return (iso) => format.format(Date.parse(iso));
}
