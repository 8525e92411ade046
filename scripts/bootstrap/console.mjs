import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, SetupError } from './paths.mjs';
import { requireWritable } from './install.mjs';
import { showProgress } from './progress.mjs';
import { sourcesHash } from './sources-hash.mjs';
import { say } from './words.mjs';

const web = join(root, 'web');
const stampFile = join(web, 'dist', '.sources');

function runVite(node) {
  return new Promise((resolve, reject) => {
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
    const child = spawn(node, [vite, 'build', '--logLevel', 'warn'], { cwd: web, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-16_000));
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => {
      const said = output
        .split('\n')
        .filter((line) => !/^\s+at /.test(line))
        .join('\n')
        .trim();
      if (code === 0) resolve();
      else
        reject(
          new SetupError(
            `${say('O console não pôde ser montado', 'The console could not be built')} (vite: ${code}):\n${said.slice(0, 2000)}`,
          ),
        );
    });
  });
}

/** Builds the console when web/dist is older than its sources. A built image without the sources' tools is left alone. */
export async function ensureConsole(node) {
  if (!existsSync(join(web, 'index.html')) || !existsSync(join(root, 'node_modules', 'vite'))) return;
  const hash = sourcesHash([web, join(root, 'contracts')]);
  const built = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
  if (built === hash) return;
  requireWritable(web);
  await showProgress(say('Montando o console', 'Building the console'), runVite(node));
  writeFileSync(stampFile, hash);
}
