import { accessSync, constants } from 'node:fs';
import { GuardianError, messageOf } from '../../errors.ts';

/** As psql knows them. Without one nothing is encrypted. */
const MODES = ['disable', 'require', 'verify-ca', 'verify-full'];
const FILES = ['sslrootcert', 'sslcert', 'sslkey'];

/** The address of a server as the client library takes it: `sslmode` means what it means to psql (`require` encrypts and trusts whoever
 *  answers, `verify-ca` asks for a certificate of `sslrootcert`, `verify-full` for the host's name in it too), and `sslcert` with `sslkey` are
 *  ours. Throws CONFIG_INVALID for another mode and for a file that cannot be read, and shows nothing of the password. */
export function connectionUrl(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) throw new GuardianError('CONFIG_INVALID', 'store.url is not a valid URL.');
  const mode = parsed.searchParams.get('sslmode');
  if (mode === null) return url;
  if (!MODES.includes(mode))
    throw new GuardianError('CONFIG_INVALID', `store.url: sslmode is "${mode}", expected one of ${MODES.join(', ')}.`);
  if (mode === 'verify-ca' && !parsed.searchParams.has('sslrootcert'))
    throw new GuardianError('CONFIG_INVALID', 'store.url: sslmode=verify-ca needs sslrootcert, the file of the CA.');
  for (const name of FILES) {
    const file = parsed.searchParams.get(name);
    if (file !== null) requireReadable(name, file);
  }
  parsed.searchParams.set('uselibpqcompat', 'true');
  return parsed.href;
}

function requireReadable(name: string, file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new GuardianError('CONFIG_INVALID', `store.url: ${name} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
