import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installMissing } from './install.mjs';
import { isPortOpen } from './port-open.mjs';

const DEBIAN = '/usr/lib/postgresql';

function bin() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(DEBIAN, version, 'bin')).find((folder) => existsSync(join(folder, 'postgres')));
  if (found === undefined) throw new Error(`there is no PostgreSQL server in ${DEBIAN}`);
  return found;
}

/** The server refuses to run as root: it then runs as the user that its package has made. */
function user() {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag) => Number(execFileSync('id', [flag, 'postgres']).toString());
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function prepare(folder) {
  const data = join(folder, 'data');
  const as = user();
  if (as.uid !== undefined) chownSync(folder, as.uid, as.gid);
  if (existsSync(join(data, 'PG_VERSION'))) return;
  mkdirSync(data, { recursive: true });
  if (as.uid !== undefined) chownSync(data, as.uid, as.gid);
  execFileSync(join(bin(), 'initdb'), ['-D', data, '-U', 'guardian', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], {
    ...as,
    cwd: folder,
    stdio: 'ignore',
  });
}

/** PostgreSQL: the newest version of this machine. */
export const postgres = {
  stopSignal: 'SIGINT',
  install() {
    installMissing(['postgresql']);
    bin();
  },
  prepare,
  command: (folder, port) => ({
    program: join(bin(), 'postgres'),
    args: [
      '-D',
      join(folder, 'data'),
      '-c',
      'listen_addresses=127.0.0.1',
      '-p',
      String(port + 32),
      '-k',
      folder,
      '-c',
      'max_connections=200',
    ],
    ...user(),
  }),
  isReady: (port, said) => (said.includes('ready to accept connections') ? isPortOpen(port + 32) : false),
  describe: (port) => `PostgreSQL at postgres://guardian@127.0.0.1:${port + 32}/postgres`,
};
