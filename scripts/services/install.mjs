import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What the integration tests need: any of `programs` on PATH, in `/usr/sbin`, or in a version below `folder`, else the Debian package. */
const SERVICES = [
  { programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'], package: 'chromium' },
  { programs: ['promtool'], package: 'prometheus' },
  { programs: ['prometheus-alertmanager'], package: 'prometheus-alertmanager' },
  { programs: ['postgres'], folder: '/usr/lib/postgresql', package: 'postgresql' },
  { programs: ['pgbouncer'], package: 'pgbouncer' },
  { programs: ['java'], package: 'default-jre-headless' },
  { programs: ['mvn'], package: 'maven' },
  { programs: ['kcat', 'kafkacat'], package: 'kcat' },
  { programs: ['redis-server'], package: 'redis-server' },
  { programs: ['openssl'], package: 'openssl' },
];

/** Servers of Debian are here; the PATH of who is not root leaves it out. */
const SBIN = '/usr/sbin';
const POLICY = join(SBIN, 'policy-rc.d');
/** Another installation may hold the lock for a while. */
const WAIT = ['-o', 'DPkg::Lock::Timeout=600'];

export function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));
}

/** Debian keeps several versions of a server beside each other, none of them on PATH. */
function isInVersion(folder, program) {
  return (
    folder !== undefined && existsSync(folder) && readdirSync(folder).some((version) => existsSync(join(folder, version, 'bin', program)))
  );
}

/** Packages whose programs are not there yet; of all that the tests need, or of those that are named. */
function missingPackages(only) {
  const isThere = (folder, program) => isOnPath(program) || existsSync(join(SBIN, program)) || isInVersion(folder, program);
  const wanted = only === undefined ? SERVICES : SERVICES.filter(({ package: name }) => only.includes(name));
  return wanted.filter(({ programs, folder }) => !programs.some((program) => isThere(folder, program))).map((service) => service.package);
}

/** How to run a command as root: directly, through sudo, or null when neither works. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = isOnPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  return sudo ? ['sudo', '-n'] : null;
}

function run(prefix, command, input) {
  const [program, ...args] = [...prefix, ...command];
  const stdio = [input === undefined ? 'ignore' : 'pipe', 'ignore', 'inherit'];
  const { status } = spawnSync(program, args, { stdio, input });
  if (status !== 0) throw new Error(`"${command.join(' ')}" ended with code ${status}.`);
}

/** Installs packages without starting the services in them: Debian asks policy-rc.d, and 101 means "do not". */
function install(prefix, packages) {
  const environment = ['env', 'DEBIAN_FRONTEND=noninteractive'];
  const ownPolicy = !existsSync(POLICY);
  try {
    if (ownPolicy && prefix.length === 0) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    if (ownPolicy && prefix.length > 0) run(prefix, ['sh', '-c', `cat > ${POLICY} && chmod 755 ${POLICY}`], '#!/bin/sh\nexit 101\n');
    run([...prefix, ...environment], ['apt-get', '-qq', ...WAIT, 'update']);
    run([...prefix, ...environment], ['apt-get', '-qq', ...WAIT, 'install', '-y', '--no-install-recommends', ...packages]);
  } finally {
    if (ownPolicy && prefix.length === 0) rmSync(POLICY, { force: true });
    if (ownPolicy && prefix.length > 0) run(prefix, ['rm', '-f', POLICY]);
  }
}

/** Installs what is missing. Throws with one sentence. `only`: names of packages; default: all that the tests need. */
export function installMissing(only) {
  const packages = missingPackages(only);
  if (packages.length === 0) return;
  const wanted = `The service tests need ${packages.join(' and ')}`;
  if (!isOnPath('apt-get')) throw new Error(`${wanted}. This is no Debian or Ubuntu, so install them by hand and try again.`);
  const prefix = rootPrefix();
  if (prefix === null) throw new Error(`${wanted}. Run as root: apt-get install -y --no-install-recommends ${packages.join(' ')}`);
  console.error(`Installing ${packages.join(' and ')} with apt-get...`);
  install(prefix, packages);
  const still = missingPackages(only);
  if (still.length > 0) throw new Error(`${still.join(' and ')} was installed, but its program was not found.`);
}
