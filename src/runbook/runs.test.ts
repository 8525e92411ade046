import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import type { RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { progressText } from './progress-text.ts';
import { done } from './step/step-context.ts';
import { catalogueOf, runbookText, script, somebody, startTestServer, type TestOptions, type TestServer } from './test-runbooks.ts';

let database: Database;
before(async () => void (database = await openTestDatabase()));
after(() => database.close());

let count = 0;
/** Runs the steps as a runbook of their own, to its end. */
async function run(t: TestContext, steps: string, options: TestOptions & { readonly more?: string } = {}): Promise<RunRecord> {
  const name = `run-${++count}`;
  const server = startTestServer(database, catalogueOf({ [name]: runbookText(name, steps, options.more) }), options);
  t.after(() => server.runs.stop());
  return server.ended((await server.started(name)).id);
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'guardian-runbook-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const isAlive = (pid: number): boolean => {
  try {
    // A zombie answers signals: nobody has asked for its end yet.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

test('steps run in order, and the record has what they did', async (t) => {
  const record = await run(t, script('console.log(process.argv.length)') + script('console.error("b")'), {
    more: 'confirm: none\nsuccess: { pt-BR: tudo certo, en: all well }',
  });
  assert.deepEqual(
    record.steps.map(({ state, output, attempts }) => [state, output, attempts]),
    [
      ['done', '1', 1],
      ['done', 'b', 1],
    ],
  );
  assert.equal(record.state, 'done');
  assert.match(
    progressText(record, 'pt-BR'),
    /^🔄 Executando runbook: run-\d+\n\n\[1\/2\] passo\.\.\. ✅\n\[2\/2\] passo\.\.\. ✅\n\n✅ Runbook concluído em \d+s\ntudo certo$/,
  );
});

test('a step that fails is tried again, then ends the run and says what it leaves; the cleanup runs', async (t) => {
  const steps =
    script('console.log("first")') +
    script('process.exit(3)', '    retries: 2\n    retry_wait: 1ms\n    leaves: { pt-BR: metade, en: half }') +
    script('console.log("never")');
  const record = await run(t, steps, { more: `confirm: none\non_failure:${script('console.log("cleaned")')}` });
  assert.deepEqual([record.state, record.failed_step, record.leaves?.en], ['failed', 2, 'half']);
  assert.deepEqual(
    record.steps.map(({ state }) => state),
    ['done', 'failed', 'skipped'],
  );
  assert.equal(record.steps[1]?.attempts, 3);
  assert.deepEqual(record.steps[1]?.reason, { code: 'runbook_exit_code', params: { code: 3, expected: '0' } });
  assert.deepEqual(
    record.cleanup.map(({ state, output }) => [state, output]),
    [['done', 'cleaned']],
  );
  assert.match(
    progressText(record, 'pt-BR'),
    /\[2\/3\] passo\.\.\. ❌ código de saída 3, esperado 0\n.*\n\n⚠️ Runbook interrompido no passo 2\nmetade\n/s,
  );
});

test('a step that the file tolerates does not end the run', async (t) => {
  const record = await run(t, script('process.exit(1)', '    tolerate: true') + script('1'));
  assert.deepEqual([record.state, ...record.steps.map(({ state }) => state)], ['done', 'tolerated', 'done']);
  assert.match(progressText(record, 'en'), /\[1\/2\] step\.\.\. ⚠️ exit code 1, expected 0\n/);
});

test('parameters reach a program as they are: no shell reads them', async (t) => {
  const name = 'with-parameter';
  const more = 'confirm: none\nparameters:\n  - { name: text, type: string, pattern: ".*", description: { pt-BR: a, en: b } }';
  const step = `
  - name: { pt-BR: a, en: b }
    command: [${JSON.stringify(process.execPath)}, -e, "console.log(process.argv[1])", "{{text}}"]`;
  const server = startTestServer(database, catalogueOf({ [name]: runbookText(name, step, more) }));
  t.after(() => server.runs.stop());
  const text = '$(id) `id` ; rm -rf / && "{{run_id}}" \\ | > x';
  const { steps } = await server.ended((await server.started(name, { text })).id);
  assert.equal(steps[0]?.output, text);
});

test('a step that hangs is ended with everything it started', async (t) => {
  const file = join(folder(t), 'pids');
  const child = `require("fs").appendFileSync(${JSON.stringify(file)}, process.pid + "\\n"); process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)`;
  const parent = `const { spawn } = require("child_process"); spawn(process.execPath, ["-e", ${JSON.stringify(child)}]); spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { detached: true }).unref(); setInterval(() => {}, 1000)`;
  let pids: number[] = [];
  // On a busy machine the processes take longer to begin than the step may take.
  for (const timeout of ['3s', '30s']) {
    writeFileSync(file, '');
    const record = await run(t, script(parent, `    timeout: ${timeout}`));
    assert.deepEqual([record.state, record.steps[0]?.reason?.code], ['failed', 'runbook_timeout']);
    pids = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean).map(Number);
    assert.deepEqual(pids.filter(isAlive), []);
    if (pids.length === 2) break;
  }
  assert.equal(pids.length, 2);
});

test(
  'children that outlive a step are ended, also those in a session of their own, and the record says so',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const file = join(folder(t), 'pid');
    const child = `require("fs").writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => {}, 1000)`;
    const parent = `const { spawn } = require("child_process"); spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { detached: true, stdio: "inherit" }).unref(); const wait = () => require("fs").existsSync(${JSON.stringify(file)}) ? process.exit(0) : setTimeout(wait, 20); wait()`;
    const record = await run(t, script(parent));
    assert.equal(record.state, 'done');
    assert.equal(isAlive(Number(readFileSync(file, 'utf8'))), false);
    assert.deepEqual(record.steps[0]?.facts, [{ code: 'runbook_leftovers', params: { n: 1 } }]);
  },
);

test('100 MB of output neither grow the memory nor the record', async (t) => {
  const printing =
    'const b = Buffer.alloc(1 << 20, "y"); let n = 0; const go = () => { while (n++ < 100) if (!process.stdout.write(b)) return process.stdout.once("drain", go); console.log("the end"); }; go()';
  const before = process.memoryUsage().rss;
  const record = await run(t, script(printing, '    timeout: 60s'));
  assert.equal(record.state, 'done');
  assert.equal(record.steps[0]?.output_bytes, 100 * 1024 * 1024 + 'the end\n'.length);
  assert.ok(record.steps[0].output.endsWith('the end') && record.steps[0].output.length < 17_000);
  assert.ok(process.memoryUsage().rss - before < 80_000_000, `${process.memoryUsage().rss - before}`);
});

test('a secret reaches the program and nobody else', async (t) => {
  const secret = 'a-secret-of-the-night';
  const file = join(folder(t), 'secret');
  writeFileSync(file, `${secret}-2\n`);
  const code = 'console.log(process.env.A, process.env.B.length, process.env.LEAK); process.exit(process.env.A.length === 21 ? 0 : 1)';
  const record = await run(t, script(code, `    env: { A: { env: MY_SECRET }, B: { file: ${file} } }`), {
    env: { MY_SECRET: secret, LEAK: 'leak' },
  });
  assert.equal(record.state, 'done');
  assert.equal(record.steps[0]?.output, '[removed] 23 undefined');
  assert.ok(!JSON.stringify(record).includes(secret));
  const [row] = await database.query<{ n: number }>('select count(*)::int as n from runbook_run where record::text like $1', [
    `%${secret}%`,
  ]);
  assert.equal(row?.n, 0);
  const missing = await run(t, script('1', '    env: { A: { env: NOT_THERE } }'));
  assert.deepEqual(missing.steps[0]?.reason, { code: 'runbook_secret', params: { name: 'env:NOT_THERE' } });
});

test('SQL reads, with values, and cannot write', async (t) => {
  const good = await run(
    t,
    `
  - name: { pt-BR: a, en: b }
    sql: select n, $1::text as id from generate_series(1, 3) n
    args: ["{{run_id}}"]
    expect: { rows_minimum: 3, rows_maximum: 3 }`,
  );
  assert.equal(good.state, 'done');
  assert.match(good.steps[0]?.output ?? '', new RegExp(`^\\{"n":1,"id":"${good.id}"\\}`));
  const writing = await run(
    t,
    `
  - name: { pt-BR: a, en: b }
    sql: with gone as (delete from runbook_confirmation returning *) select * from gone`,
  );
  assert.equal(writing.steps[0]?.reason?.code, 'runbook_sql');
});

test('an HTTP call sends its secret and body and checks the answer; a wait asks until the check holds', async (t) => {
  const heard: string[] = [];
  let asked = 0;
  const peer = createServer((request, response) => {
    heard.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ status: ++asked < 4 ? 'starting' : 'healthy' }));
  });
  await new Promise<void>((resolve) => void peer.listen(0, '127.0.0.1', resolve));
  t.after(() => void peer.close());
  const serverUrl = `http://127.0.0.1:${(peer.address() as AddressInfo).port}`;
  const record = await run(
    t,
    `
  - name: { pt-BR: a, en: b }
    http: { method: POST, url: "{{server_url}}/x?id={{run_id}}", headers: { Authorization: { env: KEY } }, body: { id: "{{run_id}}" } }
  - name: { pt-BR: a, en: b }
    wait_until: { every: 10ms, check: { http: { url: "{{server_url}}/health" }, expect: { json: { status: [healthy] } } } }
  - name: { pt-BR: a, en: b }
    http: { url: "{{server_url}}/health" }
    expect: { json: { status: [degraded] } }`,
    { serverUrl, env: { KEY: 'Bearer key-of-the-peer' } },
  );
  assert.equal(heard[0], `POST /x?id=${record.id} Bearer key-of-the-peer`);
  assert.deepEqual(
    record.steps.map(({ state }) => state),
    ['done', 'done', 'failed'],
  );
  assert.deepEqual(record.steps[2]?.reason, { code: 'runbook_json', params: { path: 'status', found: '"healthy"', expected: 'degraded' } });
  assert.ok(!JSON.stringify(record).includes('key-of-the-peer'));
});

/** A run that has begun with its first step. */
async function hanging(server: TestServer, name: string): Promise<RunRecord> {
  const { id } = await server.started(name);
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = server.changes.watch((record) => record.id === id && record.steps[0]?.state === 'running' && resolve());
  if ((await server.service.run(id))?.steps[0]?.state !== 'running') await promise;
  end();
  const record = await server.service.run(id);
  assert.ok(record !== null);
  return record;
}
const HANG = 'setInterval(() => {}, 1000)';

test('a cancelled run ends its step and does not go on; the record says who', async (t) => {
  const server = startTestServer(database, catalogueOf({ 'to-cancel': runbookText('to-cancel', script(HANG) + script('1')) }));
  t.after(() => server.runs.stop());
  const { id } = await hanging(server, 'to-cancel');
  assert.equal((await server.service.cancel(somebody('bia'), id)).kind, 'asked');
  const record = await server.ended(id);
  assert.deepEqual(
    [record.state, record.cancelled_by?.id, ...record.steps.map(({ state }) => state)],
    ['cancelled', 'bia', 'cancelled', 'skipped'],
  );
  assert.equal((await server.service.cancel(somebody('bia'), id)).kind, 'refused');
});

test('a run whose time is over fails', async (t) => {
  const record = await run(t, script(HANG), { more: 'confirm: none\ntimeout: 1s' });
  assert.deepEqual([record.state, record.reason?.code], ['failed', 'runbook_run_timeout']);
});

test('a server that stops leaves its runs interrupted', async () => {
  const server = startTestServer(database, catalogueOf({ 'to-stop': runbookText('to-stop', script(HANG)) }));
  const { id } = await hanging(server, 'to-stop');
  await server.runs.stop();
  const record = await server.ended(id);
  assert.deepEqual([record.state, record.failed_step, record.reason?.code], ['interrupted', 1, 'runbook_server_stopped']);
});

/** A process that has ended: its id is free. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid ?? 0;
}

test(
  'a killed server leaves interrupted with the step at the next start, and what it had started is ended',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const catalogue = catalogueOf({
      killed: runbookText('killed', script('1', '    repeatable: true') + script(HANG, '    leaves: { pt-BR: meio, en: half }')),
    });
    // Its process is gone for the next start, and still runs the step here, as a stopped one would.
    const first = startTestServer(database, catalogue, { pid: await deadPid() });
    const { id } = await first.started('killed');
    const { promise, resolve } = Promise.withResolvers<void>();
    first.changes.watch((record) => record.steps[1]?.state === 'running' && resolve());
    await promise;
    const second = startTestServer(database, catalogue);
    t.after(() => second.runs.stop());
    await second.runs.start();
    const record = await second.ended(id);
    assert.deepEqual([record.state, record.failed_step, record.leaves?.en], ['interrupted', 2, 'half']);
    assert.deepEqual(
      record.steps.map(({ state }) => state),
      ['done', 'interrupted'],
    );
    await first.runs.stop();
    // The process that came back late has changed nothing.
    assert.deepEqual(await second.service.run(id), record);
    const again = await second.service.resume(somebody('ana'), id);
    assert.deepEqual(again.kind === 'refused' && again.why, 'not_resumable');
  },
);

test('a run goes on in the next process after the restart that it asked for', async (t) => {
  const health: string[] = [];
  const text = runbookText(
    'restart',
    `${script('1')}
  - name: { pt-BR: reinicia, en: restart }
    action: restart-server
  - name: { pt-BR: health, en: health }
    action: check-dependencies`,
  );
  const actions = { run: { 'check-dependencies': async () => (health.push('asked'), done) }, missing: {} };
  const asked = Promise.withResolvers<void>();
  const supervisor = { obstacle: async () => null, restart: async () => (asked.resolve(), null) };
  const first = startTestServer(database, catalogueOf({ restart: text }), { pid: await deadPid(), actions, supervisor });
  const { id } = await first.started('restart');
  await asked.promise;
  assert.deepEqual(
    (await first.service.run(id))?.steps.map(({ state }) => state),
    ['done', 'restarting', 'pending'],
  );
  await first.runs.stop();
  assert.deepEqual(health, []);
  const second = startTestServer(database, catalogueOf({ restart: text }), { actions, supervisor });
  t.after(() => second.runs.stop());
  await second.runs.start();
  const record = await second.ended(id);
  assert.deepEqual([record.state, ...record.steps.map(({ state }) => state)], ['done', 'done', 'done', 'done']);
  assert.equal(record.steps[1]?.facts[0]?.code, 'runbook_restarted');
  assert.deepEqual(health, ['asked']);
});

test('a restart that nobody does fails, and so does one that would interrupt another run', async (t) => {
  const step = '  - name: { pt-BR: a, en: b }\n    action: restart-server\n    timeout: 50ms';
  const catalogue = catalogueOf({ 'no-restart': runbookText('no-restart', step), other: runbookText('other', script(HANG)) });
  const server = startTestServer(database, catalogue);
  t.after(() => server.runs.stop());
  const record = await server.ended((await server.started('no-restart')).id);
  assert.deepEqual([record.state, record.steps[0]?.reason?.code], ['failed', 'runbook_not_restarted']);
  await hanging(server, 'other');
  const refused = await server.ended((await server.started('no-restart')).id);
  assert.deepEqual(refused.steps[0]?.reason, { code: 'runbook_others_run', params: { names: 'other' } });
});

test('a resumed run begins at the step that stopped, and leaves the old record as it was', async (t) => {
  const marker = join(folder(t), 'marker');
  const flaky = `process.exit(require("fs").existsSync(${JSON.stringify(marker)}) ? 0 : 1)`;
  const catalogue = catalogueOf({ resumed: runbookText('resumed', script('console.log("once")') + script(flaky, '    repeatable: true')) });
  const server = startTestServer(database, catalogue);
  t.after(() => server.runs.stop());
  const first = await server.ended((await server.started('resumed')).id);
  assert.equal(first.state, 'failed');
  writeFileSync(marker, '');
  const outcome = await server.service.resume(somebody('ana'), first.id);
  assert.ok(outcome.kind === 'started', JSON.stringify(outcome));
  const second = await server.ended(outcome.run.id);
  assert.deepEqual([second.state, second.resumes, ...second.steps.map(({ state }) => state)], ['done', first.id, 'skipped', 'done']);
  assert.deepEqual(await server.service.run(first.id), first);
  const over = await server.service.resume(somebody('ana'), second.id);
  assert.deepEqual(over.kind === 'refused' && [over.why, over.params['state']], ['nothing_left', 'done']);
});

test('a record that has ended cannot be changed', async (t) => {
  const { id } = await run(t, script('1'));
  await assert.rejects(database.query(`update runbook_run set record = '{}' where id = $1`, [id]), /has ended does not change/);
  await assert.rejects(database.query('delete from runbook_run where id = $1', [id]), /has ended does not change/);
});
