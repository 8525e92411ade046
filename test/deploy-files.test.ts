import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { parseRole } from '../src/app/roles.ts';
import { configSentence } from '../src/config/config-problem.ts';
import { loadConfig } from '../src/config/config-load.ts';
import { listSettings } from '../src/config/config-settings.ts';
import { COMPOSE, KUBERNETES, ROOT, containersOf, filesBelow, readCompose, readYaml, settingsFiles, type Tree } from './deploy-files.ts';

const VERSION = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
const OURS = /^transaction-guardian(?::|$)/;
const VARIABLES = new Set(listSettings().map(({ env }) => env));
const short = (path: string): string => relative(ROOT, path);

/** What is wrong with the arguments and variables that a container gives to `guardian`. */
function problemsOf(args: readonly string[] | undefined, environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const problems = Object.keys(environment).filter((name) => name.startsWith('GUARDIAN_') && !VARIABLES.has(name));
  const [command, ...flags] = args ?? ['up'];
  if (command !== 'up') problems.push(`guardian ${command}`);
  for (let at = 0; at < flags.length; at += 2) {
    const [flag, value = ''] = [flags[at], flags[at + 1]];
    if (flag === '--role') parseRole(value);
    else if (flag !== '--config') problems.push(String(flag));
  }
  return problems;
}

describe('files of a deployment', () => {
  test('every setting exists and has a value that the program takes', () => {
    assert.ok(settingsFiles().length > 0);
    for (const file of settingsFiles()) {
      const { problems } = loadConfig({ cwd: dirname(file), env: {}, flags: {} });
      // Files of secrets are where the container has them.
      const others = problems.filter(({ rule }) => rule !== 'file');
      assert.deepEqual(
        others.map((problem) => configSentence('en', problem)),
        [],
        short(file),
      );
    }
  });

  test('every secret is a reference', () => {
    const secrets = listSettings().filter(({ schema }) => schema.secret !== undefined);
    for (const file of settingsFiles())
      for (const { path } of secrets) {
        const value = path.split('.').reduce<unknown>((tree, key) => (tree as Tree | undefined)?.[key], readYaml(file));
        assert.notEqual(typeof value, 'string', `${short(file)}: ${path}`);
      }
  });

  test('containers of Kubernetes start the program with what it understands', () => {
    for (const file of filesBelow(KUBERNETES, '.yaml'))
      for (const { image = '', args, env = [] } of containersOf(readFileSync(file, 'utf8')))
        if (OURS.test(image))
          assert.deepEqual(problemsOf(args, Object.fromEntries(env.map(({ name, value }) => [name, value]))), [], short(file));
  });

  test('services of Compose have the files, volumes, services and settings that they name', () => {
    const { services, volumes, secrets = {}, configs = {} } = readCompose();
    for (const [name, service] of Object.entries(services)) {
      const { image, build, command, environment = {}, network_mode: network, depends_on: needed = {} } = service;
      for (const [from = ''] of (service.volumes ?? []).map((volume) => volume.split(':')))
        assert.ok(from.startsWith('./') ? existsSync(join(ROOT, from)) : from in volumes, `${name}: volume ${from}`);
      for (const one of service.secrets ?? []) assert.ok((typeof one === 'string' ? one : one.source) in secrets, `${name}: secret`);
      for (const one of service.configs ?? []) assert.ok((typeof one === 'string' ? one : one.source) in configs, `${name}: config`);
      for (const other of [...Object.keys(needed), ...(network === undefined ? [] : [network.replace('service:', '')])])
        assert.ok(other in services, `${name}: service ${other}`);
      if (build?.dockerfile !== undefined) assert.ok(existsSync(join(ROOT, build.dockerfile)), `${name}: ${build.dockerfile}`);
      assert.doesNotMatch(image, /:latest$|^[^:]+$/, `${name}: an image without a version changes by itself`);
      if (OURS.test(image)) assert.deepEqual(problemsOf(command, environment), [], name);
    }
    for (const { file } of Object.values(configs)) assert.ok(existsSync(join(ROOT, file)), file);
    for (const { file } of Object.values(secrets)) assert.match(file, /^\.\/secrets\//, 'a folder that git leaves alone');
  });

  test('images are built from what there is, in the versions of this program and of its gateway', () => {
    for (const file of ['Dockerfile', 'deploy/docker/openclaw.Dockerfile']) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from = '']) => from.split(' '));
      const admitted = readFileSync(join(ROOT, '.dockerignore'), 'utf8');
      for (const path of copied) {
        assert.ok(existsSync(join(ROOT, path)), `${file}: ${path}`);
        assert.ok(admitted.includes(`\n!${path.split('/')[0]}`), `.dockerignore keeps ${path} out`);
      }
    }
    const images = [
      ...Object.values(readCompose().services).map(({ image }) => image),
      ...filesBelow(KUBERNETES, 'kustomization.yaml').flatMap((file) =>
        ((readYaml(file)['images'] ?? []) as { name: string; newTag: string }[]).map(({ name, newTag }) => `${name}:${newTag}`),
      ),
    ].filter((image) => OURS.test(image));
    assert.deepEqual([...new Set(images)], [`transaction-guardian:${VERSION}`]);
    const plugin = JSON.parse(readFileSync(join(ROOT, 'plugin/package.json'), 'utf8')) as { peerDependencies: { openclaw: string } };
    const gateway = plugin.peerDependencies.openclaw;
    assert.match(readFileSync(join(ROOT, 'deploy/docker/openclaw.Dockerfile'), 'utf8'), new RegExp(`ARG OPENCLAW=${gateway}\n`));
    assert.match(readFileSync(COMPOSE, 'utf8'), new RegExp(`openclaw:${gateway}\n`));
  });
});
