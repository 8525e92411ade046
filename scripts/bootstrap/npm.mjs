import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { root, SetupError } from './paths.mjs';
import { say } from './words.mjs';

/** Causes of a failed npm run that a person can act on, by what npm prints. First match wins. */
const CAUSES = [
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ECONNRESET|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT/,
    say(
      'o registro de pacotes não responde; confira a rede ou o proxy do npm',
      'the package registry cannot be reached; check the network or the proxy settings of npm',
    ),
  ],
  [/SELF_SIGNED|CERT_|UNABLE_TO_(GET|VERIFY)/, 'the certificate of the package registry is not trusted; set npm\'s "cafile"'],
  [/EACCES|EPERM|EROFS/, say('não é possível gravar na pasta (ou no cache do npm)', 'the folder (or the npm cache) is not writable')],
  [/ENOSPC/, say('o disco está cheio', 'the disk is full')],
  [/EINTEGRITY/, 'a downloaded package does not match package-lock.json; clear the npm cache and try again'],
  [/E401|E403|ENEEDAUTH/, 'the package registry refused access; check the credentials of npm'],
  [/E404|ETARGET|notarget/, 'the package registry does not have a package of package-lock.json'],
];

/** Command line of npm: the npm that started us, or the one on PATH. */
function npmCommand(env) {
  const started = env.npm_execpath;
  if (started !== undefined && /^npm-cli\.c?js$/.test(basename(started))) return { file: process.execPath, args: [started], shell: false };
  return process.platform === 'win32' ? { file: 'npm.cmd', args: [], shell: true } : { file: 'npm', args: [], shell: false };
}

/** One sentence out of npm's output. */
export function summariseNpmFailure(output, code) {
  const cause = CAUSES.find(([pattern]) => pattern.test(output));
  const lines = output.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
  const first = lines.find((line) => line !== '' && !/^(npm warn|code |errno |syscall )/.test(line));
  if (cause !== undefined) return `${cause[1]} (npm: ${(first ?? `exit code ${code}`).slice(0, 200)})`;
  return `npm ended with code ${code}: ${(first ?? 'no message').slice(0, 300)}`;
}

/** Runs npm quietly. Resolves with its output; throws SetupError with one sentence; `error.output` has everything. */
export function runNpm(args, { cwd = root, env = process.env } = {}) {
  const npm = npmCommand(env);
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--engine-strict=false', '--loglevel=error'];
  return new Promise((resolve, reject) => {
    const child = spawn(npm.file, [...npm.args, ...args, ...quiet], { cwd, env, shell: npm.shell, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-64_000));
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => {
      const missing =
        error.code === 'ENOENT'
          ? say('o npm não está no PATH; instale-o (vem com o Node)', 'npm was not found on PATH; install it (it comes with Node)')
          : `npm could not be started: ${error.message}`;
      reject(new SetupError(missing, { cause: error }));
    });
    child.on('close', (code) => {
      if (code === 0) return resolve(output);
      reject(Object.assign(new SetupError(summariseNpmFailure(output, code)), { output }));
    });
  });
}
