import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunAnswer, RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import { newRecord } from '../../runbook/run-record.ts';
import { catalogueOf, runbookText, script } from '../../runbook/test-runbooks.ts';
import { runInTest, testFolder, testServer } from '../test-run.ts';

const EN = { env: { GUARDIAN_LOCALE: 'en' } };

/** A run of two steps, of which so many have ended. */
function recordWith(doneSteps: number, state: RunRecord['state']): RunRecord {
  const runbook = catalogueOf({ two: runbookText('two', script('1') + script('2')) }).find('two')?.runbook;
  assert.ok(runbook !== undefined);
  const by = { id: 'service', kind: 'service', name: 'service', claimed_name: null } as const;
  const start = {
    id: 'r-1',
    runbook,
    parameters: {},
    requestedBy: by,
    channel: 'cli',
    confirmedBy: null,
    alert: null,
    resumes: null,
    at: 0,
    values: {},
  };
  const record = newRecord(start);
  const at = new Date(0).toISOString();
  const steps = record.steps.map((step, index) =>
    index < doneSteps
      ? { ...step, state: 'done' as const, started_at: at }
      : index === doneSteps
        ? { ...step, state: 'running' as const, started_at: at }
        : step,
  );
  return { ...record, state, steps, ended_at: state === 'running' ? null : at };
}

const DRY_RUN = {
  runbook: 'two',
  text: 'Does two things.',
  parameters: {},
  steps: [{ name: 'one', kind: 'action' as const, does: 'drain' }],
  obstacles: [],
};
const CONFIRM: RunAnswer = {
  run: null,
  confirmation: { code: '7K3M9QXA', confirm: 'self', expires_at: new Date(0).toISOString(), dry_run: DRY_RUN },
};

test('a run is confirmed at once with --yes and followed, each step once, over a server that is away', async (t) => {
  const states = [recordWith(0, 'running'), null, recordWith(1, 'running'), recordWith(1, 'running'), recordWith(2, 'done')];
  const asked: string[] = [];
  const url = await testServer(t, (request, response, body) => {
    asked.push(`${request.method} ${request.url} ${body}`.trim());
    if (request.method === 'POST') {
      const answer: RunAnswer =
        request.url === '/api/v1/runbooks/confirm' ? { run: recordWith(0, 'running'), confirmation: null } : CONFIRM;
      return response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    }
    if (request.url === '/api/v1/stats') return response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    const record = states.length > 1 ? states.shift() : states[0];
    if (record === null) return response.writeHead(503, { 'content-type': 'application/json' }).end('{"code":"APP_STARTING"}');
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(record));
  });
  const { code, out, err } = await runInTest(['runbook', 'run', 'two', '-p', 'a=1', '-p', 'b=x=y', '--yes', '--url', url], {
    cwd: testFolder(t),
    ...EN,
  });
  assert.equal(code, 0, err);
  assert.deepEqual(asked.slice(0, 2), [
    'POST /api/v1/runbooks/two/runs {"parameters":{"a":"1","b":"x=y"}}',
    'POST /api/v1/runbooks/confirm {"code":"7K3M9QXA"}',
  ]);
  assert.deepEqual(out.trimEnd().split('\n'), [
    'Does two things.',
    '  1. one: drain',
    '🔄 Running runbook: two',
    '',
    '[1/2] step... ✅',
    '[2/2] step... ✅',
    '',
    '✅ Runbook completed in 0s',
  ]);
  assert.match(err, /The server is down/);
});

test('without --yes the code is printed, and nothing is confirmed', async (t) => {
  const asked: string[] = [];
  const url = await testServer(t, (request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(CONFIRM));
  });
  const { code, out } = await runInTest(['runbook', 'run', 'two', '--url', url], { cwd: testFolder(t), ...EN });
  assert.deepEqual([code, asked], [0, ['/api/v1/runbooks/two/runs']]);
  assert.match(out, /guardian runbook confirm 7K3M9QXA/);
});

test('lint names each problem with file, line, field and rule in the language of the reader, and fails', async (t) => {
  const cwd = testFolder(t);
  mkdirSync(join(cwd, 'mine'));
  writeFileSync(join(cwd, 'mine/good.yaml'), runbookText('good', script('1')));
  const good = await runInTest(['runbook', 'lint', 'mine'], { cwd, ...EN });
  assert.deepEqual([good.code, good.out.trim()], [0, '1 runbook file checked, no problem.']);
  writeFileSync(join(cwd, 'mine/bad.yaml'), `${runbookText('bad', script('1'))}    timeuot: 5s\n`);
  const bad = await runInTest(['runbook', 'lint', 'mine'], { cwd, env: { GUARDIAN_LOCALE: 'pt-BR' } });
  assert.equal(bad.code, 1);
  assert.match(bad.out, /bad\.yaml:11: steps\[0\]\.timeuot não é um campo aqui; você quis dizer timeout\?/);
  const shipped = await runInTest(['runbook', 'lint'], { cwd, ...EN });
  assert.equal(shipped.code, 0, shipped.out);
});

test('a parameter that is none is refused before anything is sent', async (t) => {
  const { code } = await runInTest(['runbook', 'run', 'two', '-p', 'workers', '--url', 'http://127.0.0.1:1'], {
    cwd: testFolder(t),
    ...EN,
  });
  assert.equal(code, 2);
});
