import { usageError, type Cli } from './cli.ts';

/** Reads `--mapping field=column`, given once for each field. Throws USAGE. */
export function readMapping(cli: Cli): (value: string, previous?: Readonly<Record<string, string>>) => Readonly<Record<string, string>> {
  return (value, previous) => {
    const [, field, column] = /^([^=]+)=(.+)$/.exec(value) ?? [];
    if (field === undefined || column === undefined) throw usageError(cli.say('usage.mapping', { value }));
    const name = field.trim();
    if (previous?.[name] !== undefined) throw usageError(cli.say('usage.mapping_twice', { field: name }));
    return { ...previous, [name]: column.trim() };
  };
}
