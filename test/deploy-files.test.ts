import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { parseRole, SPLIT_ROLES } from '../src/app/roles.ts';
import { configSentence } from '../src/config/config-problem.ts';
import { loadConfig } from '../src/config/config-load.ts';
import { listSettings } from '../src/config/config-settings.ts';
import {
  COMPOSE_FILES,
  KUBERNETES,
  ROOT,
  containersOf,
  filesBelow,
  readCompose,
  readYaml,
  settingsFiles,
  type Tree,
} from './deploy-files.ts';

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

  for (const file of COMPOSE_FILES)
    test(`services of ${short(file)} have the files, volumes, services and settings that they name`, () => {
      const { services, volumes, networks = {}, secrets = {}, configs = {} } = readCompose(file);
      for (const [name, service] of Object.entries(services)) {
        const { image, build, command, environment = {}, network_mode: network, depends_on: needed = {} } = service;
        for (const [from = ''] of (service.volumes ?? []).map((volume) => volume.split(':')))
          assert.ok(from.startsWith('./') ? existsSync(join(ROOT, from)) : from in volumes, `${name}: volume ${from}`);
        for (const one of service.secrets ?? []) assert.ok((typeof one === 'string' ? one : one.source) in secrets, `${name}: secret`);
        for (const one of service.configs ?? []) assert.ok((typeof one === 'string' ? one : one.source) in configs, `${name}: config`);
        for (const one of service.networks ?? []) assert.ok(one in networks, `${name}: network ${one}`);
        for (const other of [...Object.keys(needed), ...(network === undefined ? [] : [network.replace('service:', '')])])
          assert.ok(other in services, `${name}: service ${other}`);
        if (build?.dockerfile !== undefined) assert.ok(existsSync(join(ROOT, build.dockerfile)), `${name}: ${build.dockerfile}`);
        assert.doesNotMatch(image, /:latest$|^[^:]+$/, `${name}: an image without a version changes by itself`);
        assert.deepEqual([service.read_only, service.cap_drop], [true, ['ALL']], name);
        assert.ok(JSON.stringify(service.deploy ?? {}).includes('"memory"'), `${name}: no limit of its memory`);
        if (OURS.test(image)) assert.deepEqual(problemsOf(command, environment), [], name);
      }
      for (const { file: path } of Object.values(configs)) assert.ok(existsSync(join(ROOT, path)), path);
      for (const { file: path } of Object.values(secrets)) assert.match(path, /^\.\/secrets\//, 'a folder that git leaves alone');
    });

  test('the production form has every role and what it asks, each with a health check, and the services that the runbooks name', () => {
    const { services, networks = {} } = readCompose(join(ROOT, 'docker-compose.production.yml'));
    const roles = Object.values(services).flatMap(({ image, command = [] }) => (OURS.test(image) ? [command[2] ?? ''] : []));
    assert.deepEqual(roles.toSorted(), [...SPLIT_ROLES].toSorted());
    assert.ok(
      ['guardian-api', 'guardian-worker'].every((name) => name in services),
      'runbooks/compose restart and scale them',
    );
    for (const name of ['kafka', 'timescaledb', 'redis']) {
      assert.ok(services[name]?.healthcheck !== undefined, name);
      assert.deepEqual(services[name].networks, ['engines']);
    }
    assert.deepEqual(networks['engines'], { internal: true });
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
      ...COMPOSE_FILES.flatMap((file) => Object.values(readCompose(file).services)).map(({ image }) => image),
      ...filesBelow(KUBERNETES, 'kustomization.yaml').flatMap((file) =>
        ((readYaml(file)['images'] ?? []) as { name: string; newTag: string }[]).map(({ name, newTag }) => `${name}:${newTag}`),
      ),
    ].filter((image) => OURS.test(image));
    assert.deepEqual([...new Set(images)], [`transaction-guardian:${VERSION}`]);
    const plugin = JSON.parse(readFileSync(join(ROOT, 'plugin/package.json'), 'utf8')) as { peerDependencies: { openclaw: string } };
    const gateway = plugin.peerDependencies.openclaw;
    assert.match(readFileSync(join(ROOT, 'deploy/docker/openclaw.Dockerfile'), 'utf8'), new RegExp(`ARG OPENCLAW=${gateway}\n`));
    for (const file of COMPOSE_FILES) assert.match(readFileSync(file, 'utf8'), new RegExp(`openclaw:${gateway}\n`));
  });
});
