import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatServiceToken } from '../auth/service-token.ts';
import type { Config } from '../config/config-schema.ts';
import { GuardianError, messageOf } from '../errors.ts';

const FILE = 'service-token';

/** The service token of a data directory, made when there is none, readable by its owner only. Throws APP_DATA_DIR. */
export function loadServiceToken(root: string): string {
  return findServiceToken(root) ?? writeServiceToken(root);
}

/** The service token of a data directory that a server has used; null without one. Throws APP_DATA_DIR for a damaged one. */
export function findServiceToken(root: string): string | null {
  const path = join(root, FILE);
  if (!existsSync(path)) return null;
  const token = read(path);
  if (token.length >= 16) return token;
  throw new GuardianError('APP_DATA_DIR', `The service token ${path} is damaged; delete it and start again.`, {
    rule: 'service_token_damaged',
    params: { path },
  });
}

/** A token of the configuration is changed where it stands. Throws AUTH_TOKEN_CONFIGURED. */
export function refuseConfiguredToken({ access }: Pick<Config, 'access'>): void {
  if (access.service_token === undefined) return;
  throw new GuardianError('AUTH_TOKEN_CONFIGURED', 'The service token stands in access.service_token: change it there and restart.');
}

/** A new token in the place of the old one, whole or not at all. Throws APP_DATA_DIR. */
export function writeServiceToken(root: string): string {
  const path = join(root, FILE);
  const token = formatServiceToken(randomBytes(32));
  try {
    writeFileSync(`${path}.new`, `${token}\n`, { mode: 0o600, flush: true });
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw new GuardianError('APP_DATA_DIR', `The service token ${path} cannot be written: ${messageOf(error)}`, {
      cause: error,
      data: { path },
    });
  }
  return token;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new GuardianError('APP_DATA_DIR', `The service token ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
      data: { path },
    });
  }
}
