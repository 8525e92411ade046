import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config-schema.ts';

const SHIPPED = fileURLToPath(new URL('../../runbooks', import.meta.url));

/** Folders with runbooks, the last one the strongest. */
export function runbookFolders({ runbooks }: Pick<Config, 'runbooks'>): readonly string[] {
  const { variant, directory } = runbooks;
  return [SHIPPED, ...(variant === 'embedded' ? [] : [join(SHIPPED, variant)]), ...(directory === undefined ? [] : [resolve(directory)])];
}
