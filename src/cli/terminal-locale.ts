import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { LoadedConfig } from '../config/config-load.ts';

/** The language of the command line: `locale` where it is set, else that of the terminal (`LC_ALL`, `LC_MESSAGES`, `LANG`, as
 *  `scripts/bootstrap/words.mjs` reads them), else the default of `locale`. Pure. */
export function terminalLocale(
  { config, origins }: Pick<LoadedConfig, 'config' | 'origins'>,
  env: Readonly<Record<string, string | undefined>>,
): Locale {
  if (origins['locale'] !== undefined && origins['locale'].source !== 'default') return config.locale;
  const asked = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((value) => value !== undefined && value !== '') ?? '';
  if (asked === '' || /^(?:C\b|POSIX)/i.test(asked)) return config.locale;
  return /^pt/i.test(asked) ? 'pt-BR' : 'en';
}
