import { stringify } from 'yaml';
import { type LoadedConfig, requireValid } from '../../config/config-load.ts';
import { hideSecrets, listSettings } from '../../config/config-settings.ts';
import type { Cli } from '../cli.ts';
import type { CommandRegistry } from '../registry.ts';

/** `guardian config print`. */
export function registerConfig(registry: CommandRegistry): void {
  const { cli, add, run } = registry;
  const config = add('config', cli.say('config.about'), 'guardian config print');
  add('print', cli.say('config.print'), 'guardian config print --http.port 9000', config)
    .option('--json', cli.say('opt.json'))
    .action(
      run((options: { json?: boolean }) => {
        const loaded = cli.loadedConfig();
        requireValid(loaded);
        cli.print(options.json === true ? JSON.stringify(configJson(loaded), null, 2) : configYaml(loaded, cli));
        return 0;
      }),
    );
}

function valueAt(loaded: LoadedConfig, path: string): unknown {
  let value: unknown = loaded.config;
  for (const part of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[part];
  return value;
}

/** Every setting with its value, secrets hidden, and where it came from. */
export function configJson(loaded: LoadedConfig): Readonly<Record<string, { value: unknown; source: string; name: string }>> {
  const entries = listSettings().map(({ path, schema }) => {
    const origin = loaded.origins[path] ?? { source: 'default', name: 'default' };
    return [path, { value: hideSecrets(schema, valueAt(loaded, path)) ?? null, ...origin }] as const;
  });
  return Object.fromEntries(entries);
}

/** The same as YAML that the program reads back: the origin of each value is a comment beside it. */
export function configYaml(loaded: LoadedConfig, cli: Pick<Cli, 'say'>): string {
  const lines: string[] = [];
  let section = '';
  for (const { path, schema } of listSettings()) {
    const parts = path.split('.');
    const key = parts.pop() ?? path;
    if (parts.join('.') !== section) {
      section = parts.join('.');
      if (section !== '') lines.push(`${section}:`);
    }
    const indent = section === '' ? '' : '  ';
    const value = hideSecrets(schema, valueAt(loaded, path));
    const origin = loaded.origins[path]?.name ?? cli.say('config.unset');
    if (value === undefined) lines.push(`${indent}# ${key}:  # ${origin}`);
    else lines.push(...settingLines(indent, key, value, origin));
  }
  return lines.join('\n');
}

function settingLines(indent: string, key: string, value: unknown, origin: string): readonly string[] {
  const [first = '', ...more] = stringify({ [key]: value }, { lineWidth: 0 })
    .trimEnd()
    .split('\n');
  return [`${indent}${first}  # ${origin}`, ...more.map((line) => indent + line)];
}
