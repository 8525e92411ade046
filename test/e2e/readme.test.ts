import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startProduct, type Product } from './product.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A curl that knows what the README uses, so that the examples run on machines without one. Prints status and body. */
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

/** The shell blocks of a document that call the API. */
async function examplesOf(file: string): Promise<string[]> {
  const text = await readFile(join(ROOT, file), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '');
  return blocks.filter((block) => block.includes('curl '));
}

function runShell(script: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('bash', ['-c', script], { env: { ...process.env, PATH: path } }, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
}

describe('the examples of the README', { skip: process.platform === 'win32' && 'needs bash' }, () => {
  let directory: string;
  let product: Product | undefined;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'guardian-readme-'));
    await writeFile(join(directory, 'package.json'), '{"type":"module"}');
    await writeFile(join(directory, 'curl'), CURL, { mode: 0o755 });
    product = await startProduct(join(directory, 'data'));
  });

  after(async () => {
    await product?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const run = async (example: string | undefined): Promise<{ readonly status: string; readonly body: Record<string, unknown> }> => {
    const script = (example ?? '').replaceAll('http://127.0.0.1:8001', product?.address ?? '');
    const answer = await runShell(script, `${directory}${delimiter}${process.env['PATH']}`);
    const [status = '', ...body] = answer.split(' ');
    return { status, body: JSON.parse(body.join(' ')) as Record<string, unknown> };
  };

  test('are the same in both languages', async () => {
    assert.deepEqual(await examplesOf('README.pt-BR.md'), await examplesOf('README.md'));
  });

  test('accept one transaction, and know it when it comes again', async () => {
    const [one] = await examplesOf('README.md');
    assert.deepEqual(await run(one), { status: '202', body: { id: 'tx-1', status: 'accepted' } });
    const again = await run(one);
    assert.equal(again.body['status'], 'duplicate');
  });

  test('accept a batch', async () => {
    const [, batch] = await examplesOf('README.md');
    const { status, body } = await run(batch);
    assert.equal(status, '202');
    assert.deepEqual([body['accepted'], body['refused']], [2, 0]);
  });

  test('ask for a recommendation', async () => {
    const [, , analyze] = await examplesOf('README.md');
    const { status, body } = await run(analyze);
    assert.equal(status, '200');
    assert.equal(body['alert'], true);
    assert.equal(typeof body['ml_score'], 'number');
  });
});
