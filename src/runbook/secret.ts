import type { SecretReference } from './runbook-schema.ts';

/** Reads secrets of the machine that the server runs on. */
export interface SecretSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
}

/** The value as a reference to a secret; undefined for anything else. Pure. */
export function secretOf(value: unknown): SecretReference | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  const [name, target] = entries[0] ?? [];
  const isOne = entries.length === 1 && (name === 'env' || name === 'file') && typeof target === 'string' && target !== '';
  return isOne ? value : undefined;
}

/** A reference as it is shown: `env:NAME`. Pure. */
export function secretName({ env, file }: SecretReference): string {
  return env === undefined ? `file:${file ?? ''}` : `env:${env}`;
}

/** Reads a secret; undefined when it is not there. */
export async function readSecret(source: SecretSource, { env, file }: SecretReference): Promise<string | undefined> {
  if (env !== undefined) return source.env[env];
  try {
    return (await source.readFile(file ?? '')).replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}
