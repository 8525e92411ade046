import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { MAIN, startProduct, type Product } from './product.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The pages whose shell examples run here, in the order in which a newcomer reads them. */
const PAGES = [
  'send-data',
  'chat',
  'be-notified',
  'operate',
  'access',
  'on-call',
  'run-runbooks',
  'tune',
  'integrate',
  'incidents',
  'briefings',
].map((page) => `docs/${page}.md`);

/** A curl that knows what the documents use, so that the examples run on machines without one. Prints status and body. */
const CURL = `#!${process.execPath}
const words = process.argv.slice(2);
const headers = {};
let url;
let body;
while (words.length > 0) {
  const word = words.shift();
  if (word === '-H') {
    const [name, ...value] = words.shift().split(':');
    headers[name] = value.join(':').trim();
  } else if (word === '-d' || word === '--data-binary') body = words.shift();
  else if (word !== '-i') url = word;
}
if (body === '@-') body = await Array.fromAsync(process.stdin).then((chunks) => Buffer.concat(chunks));
const answer = await fetch(url, { headers, body, method: body === undefined ? 'GET' : 'POST' });
console.log(answer.status + ' ' + (await answer.text()));
`;

/** `npx guardian` as the documents write it, without the set-up. */
const NPX = `#!/bin/sh
shift
exec "${process.execPath}" --disable-warning=ExperimentalWarning "${MAIN}" "$@"
`;

/** The shell blocks of a document. */
async function examplesOf(file: string): Promise<string[]> {
  const text = await readFile(join(ROOT, file), 'utf8');
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '');
}

describe('the examples of the documents', { skip: process.platform === 'win32' && 'needs a shell' }, () => {
  let directory: string;
  let product: Product | undefined;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'guardian-docs-'));
    await mkdir(join(directory, 'bin'));
    await writeFile(join(directory, 'bin/package.json'), '{"type":"module"}');
    await writeFile(join(directory, 'bin/curl'), CURL, { mode: 0o755 });
    await writeFile(join(directory, 'bin/npx'), NPX, { mode: 0o755 });
    product = await startProduct(join(directory, '.guardian'));
  });

  after(async () => {
    await product?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** Runs a block in the directory of the product; rejects with what it printed when a command of it fails. */
  function runExample(example: string): Promise<string> {
    // 1 says that an alert is active: the traffic of the examples has incidents.
    const command = example.replaceAll(/^npx guardian status$/gm, 'npx guardian status || [ $? -eq 1 ]');
    const script = `set -e\n${command.replaceAll('http://127.0.0.1:8001', product?.address ?? '')}`;
    const env = { ...process.env, PATH: `${join(directory, 'bin')}${delimiter}${process.env['PATH']}`, NODE_NO_WARNINGS: '1' };
    return new Promise((resolve, reject) => {
      execFile('bash', ['-c', script], { cwd: directory, env }, (error, stdout, stderr) =>
        error ? reject(new Error(`${example}\n${stdout}\n${stderr}`, { cause: error })) : resolve(stdout),
      );
    });
  }

  async function answerOf(example: string | undefined): Promise<{ readonly status: string; readonly body: Record<string, unknown> }> {
    const answer = await runExample(example ?? '');
    const [status = '', ...body] = answer.split(' ');
    return { status, body: JSON.parse(body.join(' ')) as Record<string, unknown> };
  }

  test('start with the same commands in both languages', async () => {
    assert.deepEqual(await examplesOf('README.pt-BR.md'), await examplesOf('README.md'));
    assert.deepEqual((await examplesOf('README.md')).slice(0, 2), [
      'npm start\n',
      'npm start -- --demo\nnpx guardian status\nnpx guardian chat "status"\n',
    ]);
  });

  test('accept one transaction, and recognise the duplicate', async () => {
    const [one] = await examplesOf('docs/send-data.md');
    assert.deepEqual(await answerOf(one), { status: '202', body: { id: 'tx-1', status: 'accepted' } });
    assert.equal((await answerOf(one)).body['status'], 'duplicate');
  });

  test('accept a batch', async () => {
    const [, batch] = await examplesOf('docs/send-data.md');
    const { status, body } = await answerOf(batch);
    assert.equal(status, '202');
    assert.deepEqual([body['accepted'], body['refused']], [2, 0]);
  });

  test('judge without storing', async () => {
    const analyze = (await examplesOf('docs/send-data.md')).find((example) => example.includes('/analyze'));
    const { status, body } = await answerOf(analyze);
    assert.equal(status, '200');
    assert.equal(body['alert'], true);
    assert.equal(typeof body['ml_score'], 'number');
  });

  for (const page of PAGES) {
    test(`${page} runs from top to bottom`, async () => {
      for (const example of await examplesOf(page)) {
        const output = await runExample(example);
        for (const [, status] of output.matchAll(/^(\d{3}) [[{]/gm)) assert.match(status ?? '', /^2/, `${example}\n${output}`);
      }
    });
  }
});
