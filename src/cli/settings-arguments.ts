import { listSettings } from '../config/config-settings.ts';

/** What the arguments say about the configuration, wherever they stand, and the arguments without that. */
export interface SettingsArguments {
  readonly rest: readonly string[];
  /** `--config <file>`. */
  readonly file?: string;
  /** Dotted setting to text, of `--http.port 9000`, `--data-dir x` and `--set key=value`. */
  readonly flags: Readonly<Record<string, string>>;
  readonly debug: boolean;
}

const PLAIN_SETTINGS = new Set(
  listSettings()
    .map((setting) => setting.path)
    .filter((path) => !path.includes('.')),
);

/** Name of the setting that an option stands for: anything with a dot, and the settings without one. */
function settingName(option: string): string | undefined {
  if (option.includes('.')) return option;
  const name = option.replaceAll('-', '_');
  return PLAIN_SETTINGS.has(name) ? name : undefined;
}

/** Takes the configuration out of the arguments. A setting without a value is `true`. `--` ends the options. Pure. */
export function takeSettings(args: readonly string[]): SettingsArguments {
  const rest: string[] = [];
  const flags: Record<string, string> = {};
  let file: string | undefined;
  let debug = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--') {
      rest.push(...args.slice(i));
      break;
    }
    const [, option = '', inline] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const following = args[i + 1];
    const value = (): string | undefined =>
      inline ?? (following === undefined || following.startsWith('--') ? undefined : (i++, following));
    const setting = settingName(option);
    if (option === 'debug' && inline === undefined) debug = true;
    else if (option === 'config') file = value() ?? '';
    else if (option === 'set') {
      const [, key = '', text = 'true'] = /^([^=]*)(?:=(.*))?$/s.exec(value() ?? '') ?? [];
      flags[key] = text;
    } else if (setting === undefined) rest.push(arg);
    else flags[setting] = value() ?? 'true';
  }
  return { rest, flags, debug, ...(file === undefined ? {} : { file }) };
}
