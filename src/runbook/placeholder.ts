/** What a placeholder can name besides the parameters. */
export const GIVEN = ['server_url', 'run_id', 'data_dir'] as const;
export type Given = Readonly<Record<(typeof GIVEN)[number], string>>;

export type Values = Readonly<Record<string, string | number | boolean>>;

const PLACEHOLDER = /\{\{([a-z][a-z0-9_]*)\}\}/g;
const ALONE = /^\{\{([a-z][a-z0-9_]*)\}\}$/;

/** Names of the placeholders `{{name}}` in every text of a value. Pure. */
export function placeholdersIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [...value.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(placeholdersIn);
}

/** A text with its placeholders filled. `encode`: what is done to each value. Pure. */
export function fillText(text: string, values: Values, encode: (value: string) => string = (value) => value): string {
  return text.replace(PLACEHOLDER, (whole, name: string) => (Object.hasOwn(values, name) ? encode(String(values[name])) : whole));
}

/** Any value with its placeholders filled; one that stands alone keeps the type of its value. Pure. */
export function fill(value: unknown, values: Values): unknown {
  if (typeof value === 'string') {
    const name = ALONE.exec(value)?.[1];
    return name !== undefined && Object.hasOwn(values, name) ? values[name] : fillText(value, values);
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, fill(child, values)]));
}

/** An address with its placeholders filled: the server's own as it is, values of parameters percent-encoded. Pure. */
export function fillUrl(url: string, values: Values): string {
  return url.replace(PLACEHOLDER, (whole, name: string) => {
    if (!Object.hasOwn(values, name)) return whole;
    return name === 'server_url' ? String(values[name]) : encodeURIComponent(String(values[name]));
  });
}
