import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startProduct, type Product } from '../e2e/product.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOOLS = join(ROOT, 'node_modules', '.cache', 'guardian', 'api-tools');
const BIN = join(TOOLS, 'node_modules', '.bin');
const LIMIT_MS = 600_000;

/** What a data scientist's script looks like: every call and field is checked against the generated types. */
const PROGRAM = `
import createClient from 'openapi-fetch';
import type { components, paths } from './api.d.ts';

const client = createClient<paths>({ baseUrl: process.argv[2] ?? '' });
const timestamp = new Date().toISOString();
const sent = await client.POST('/api/v1/transaction', { body: { id: 'typed-1', status: 'approved', count: 3, timestamp } });
const anomalies = await client.GET('/api/v1/anomalies', { params: { query: { status: 'open', last: '2h', limit: 5 } } });
const alerts = await client.GET('/api/v1/alerts', { params: { query: { limit: 5 } } });
const unknown = await client.GET('/api/v1/anomalies/{id}', { params: { path: { id: 'an_none' } } });
const problem: components['schemas']['Problem'] | undefined = unknown.error;
const worst: components['schemas']['AnomalyView'] | undefined = anomalies.data?.items[0];
console.log(JSON.stringify({ id: sent.data?.id, cursor: anomalies.data?.next_cursor, alerts: alerts.data?.next_cursor, code: problem?.code, worst }));
`;

const TSCONFIG = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules', '@types')],
  },
  files: ['client.ts'],
};

/** Runs a program to its end and gives back what it printed. The program under test writes its log into a pipe of ours, so
 *  nothing here may block. */
async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1', NODE_NO_WARNINGS: '1' };
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  assert.equal(code, 0, `${program}: ${stdout}\n${stderr}`);
  return stdout;
}

describe('the API description', () => {
  let folder: string;
  let product: Product;
  let file: string;

  before(async () => {
    assert.ok(existsSync(join(TOOLS, 'installed.json')), 'the tools are missing; "npm run test:services" installs them');
    folder = await mkdtemp(join(tmpdir(), 'guardian-openapi-'));
    product = await startProduct(join(folder, 'data'));
    file = join(folder, 'openapi.json');
    await writeFile(file, await (await fetch(`${product.address}/openapi.json`)).text());
  });
  after(async () => {
    await product?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('passes the linter with its recommended rules, warnings included', async () => {
    const found = await run(join(BIN, 'redocly'), ['lint', file, '--format=json'], folder);
    const { problems } = JSON.parse(found) as { readonly problems: readonly { readonly message: string }[] };
    assert.deepEqual(
      problems.map(({ message }) => message),
      [],
    );
  });

  test('names its schemas: no object of two routes is written out twice', async () => {
    const { components } = JSON.parse(await (await fetch(`${product.address}/openapi.json`)).text()) as {
      readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
    };
    for (const name of ['Transaction', 'AnomalyView', 'AlertView', 'Problem', 'Stats', 'Health', 'SeriesPoint', 'Feedback', 'Forecast'])
      assert.ok(components.schemas[name], name);
  });

  test('gives a typed client that compiles and works', async () => {
    await run(join(BIN, 'openapi-typescript'), [file, '-o', join(folder, 'api.d.ts')], folder);
    const program = PROGRAM.replace(
      "'openapi-fetch'",
      `'${pathToFileURL(join(TOOLS, 'node_modules/openapi-fetch/dist/index.mjs')).pathname}'`,
    );
    await writeFile(join(folder, 'client.ts'), program);
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder], folder);
    const stdout = await run(process.execPath, [join(folder, 'client.ts'), product.address], folder);
    assert.deepEqual(JSON.parse(stdout), { id: 'typed-1', cursor: null, alerts: null, code: 'HTTP_NOT_FOUND' });
  });

  test('is what the server does: thousands of generated requests find no answer that it does not describe', async () => {
    const config = join(import.meta.dirname, 'schemathesis.toml');
    const args = [
      '--config-file',
      config,
      'run',
      `${product.address}/openapi.json`,
      '--phases',
      'coverage,fuzzing',
      '--seed',
      '7',
      '-n',
      '25',
      // A stream of events has no end.
      '--exclude-path',
      '/api/v1/stream',
      // The requests after it would show a token that is no longer one.
      '--exclude-path',
      '/api/v1/access/token/rotate',
      // A valid token goes with every request: an invalid cookie beside it changes nothing.
      '--exclude-checks',
      'ignored_auth',
      '--header',
      `Authorization: Bearer ${(await readFile(join(folder, 'data', 'service-token'), 'utf8')).trim()}`,
    ];
    await run(join(TOOLS, 'venv', 'bin', 'schemathesis'), [...args, '--no-color'], folder);
  });
});
