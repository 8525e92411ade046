import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Config } from '../config/config-schema.ts';

/** The language of the messages to a receiver, by its name: its own, else that of operators. */
export function receiverLocale({ alert, locale }: Pick<Config, 'alert' | 'locale'>): (receiver: string) => Locale {
  const languages = new Map(alert.receivers.map(({ name, language }) => [name, language]));
  return (receiver) => languages.get(receiver) ?? locale;
}
