import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import { systemClock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { listAudit, verifyAudit } from '../store/verbs/audit/list-audit.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { refusalText } from './refusal.ts';
import { catalogueOf, runbookText, script, somebody, startTestServer, type TestOptions, type TestServer } from './test-runbooks.ts';

let database: Database;
before(async () => void (database = await openTestDatabase()));
after(() => database.close());

let count = 0;
function serverWith(
  t: TestContext,
  more: string,
  options: TestOptions & { readonly steps?: string } = {},
): TestServer & { readonly name: string; readonly again: () => TestServer } {
  const name = `service-${++count}`;
  const catalogue = catalogueOf({ [name]: runbookText(name, options.steps ?? script('1'), more) });
  const server = startTestServer(database, catalogue, options);
  t.after(() => server.runs.stop());
  return { ...server, name, again: () => startTestServer(database, catalogue, options) };
}

async function requested({ service, name }: ReturnType<typeof serverWith>, by: Actor): Promise<string> {
  const outcome = await service.request(by, { name, parameters: {} });
  assert.equal(outcome.kind, 'needs_confirmation', JSON.stringify(outcome));
  return outcome.kind === 'needs_confirmation' ? outcome.code : '';
}
async function why(outcome: Promise<{ readonly kind: string }>): Promise<string> {
  const said = await outcome;
  return 'why' in said ? String(said.why) : said.kind;
}
const runsOf = async (server: ReturnType<typeof serverWith>): Promise<number> =>
  (await server.service.runs({ runbook: server.name }, {})).items.length;

test('the sender confirms with the code, once, whatever its case; nobody else does', async (t) => {
  const server = serverWith(t, 'confirm: self');
  const code = await requested(server, somebody('ana'));
  assert.equal(await why(server.service.confirm(somebody('bia', 'admin'), code)), 'code_sender');
  assert.equal(await why(server.service.confirm(somebody('ana'), 'WRONGKEY')), 'code_unknown');
  assert.equal(await runsOf(server), 0);
  const outcome = await server.service.confirm(somebody('ana'), ` ${code.toLowerCase()} `);
  assert.ok(outcome.kind === 'started');
  assert.deepEqual([outcome.run.requested_by.id, outcome.run.confirmed_by?.id], ['ana', 'ana']);
  assert.equal(await why(server.service.confirm(somebody('ana'), code)), 'code_used');
  await server.ended(outcome.run.id);
  assert.equal(await runsOf(server), 1);
});

test('a code expires after two minutes, and when the clock is set back', async (t) => {
  let now = Date.parse('2026-03-01T03:00:00Z');
  const server = serverWith(t, 'confirm: self', { clock: { ...systemClock, now: () => now } });
  const code = await requested(server, somebody('ana'));
  now += 120_001;
  assert.equal(await why(server.service.confirm(somebody('ana'), code)), 'code_expired');
  now -= 3_600_000;
  assert.equal(await why(server.service.confirm(somebody('ana'), code)), 'code_expired');
  assert.equal(await runsOf(server), 0);
});

test('a code survives a restart of the server', async (t) => {
  const server = serverWith(t, 'confirm: self');
  const code = await requested(server, somebody('ana'));
  await server.runs.stop();
  const next = server.again();
  t.after(() => next.runs.stop());
  const outcome = await next.service.confirm(somebody('ana'), code);
  assert.ok(outcome.kind === 'started');
  assert.equal((await next.ended(outcome.run.id)).state, 'done');
});

test('the second person is somebody else, known, and an approver', async (t) => {
  const server = serverWith(t, 'confirm: second_person', { people: ['ana', 'bia', 'caio'] });
  const code = await requested(server, somebody('ana', 'admin'));
  const { service } = server;
  assert.equal(await why(service.confirm(somebody('ana', 'admin'), code)), 'code_same_person');
  assert.equal(await why(service.confirm({ ...somebody('ana', 'admin'), channel: 'whatsapp' }, code)), 'code_same_person');
  assert.equal(await why(service.confirm(somebody('session:1', 'admin'), code)), 'code_no_person');
  assert.equal(await why(service.confirm(somebody('caio', 'operator'), code)), 'code_role');
  assert.equal(await runsOf(server), 0);
  const outcome = await service.confirm(somebody('bia', 'approver'), code);
  assert.ok(outcome.kind === 'started');
  assert.deepEqual([outcome.run.requested_by.id, outcome.run.confirmed_by?.id], ['ana', 'bia']);
  await server.ended(outcome.run.id);
});

test('two people, or one twice, at the same time make one run', async (t) => {
  const server = serverWith(t, 'confirm: second_person', { people: ['ana', 'bia', 'caio'] });
  const code = await requested(server, somebody('ana'));
  const said = await Promise.all(['bia', 'caio', 'bia'].map((id) => why(server.service.confirm(somebody(id, 'approver'), code))));
  assert.deepEqual(said.toSorted(), ['code_used', 'code_used', 'started']);
  const none = serverWith(t, 'confirm: none', { steps: script('setInterval(() => {}, 1000)') });
  const both = await Promise.all(['ana', 'bia'].map((id) => why(none.service.request(somebody(id), { name: none.name, parameters: {} }))));
  assert.deepEqual(both.toSorted(), ['running', 'started']);
});

test('a message that comes twice runs once, also after the run has ended', async (t) => {
  const server = serverWith(t, 'confirm: none');
  const ask = () => server.service.request(somebody('ana', 'operator', 'chat-1/77'), { name: server.name, parameters: {} });
  const [first, second] = await Promise.all([ask(), ask()]);
  assert.ok(first.kind === 'started' && second.kind === 'started');
  assert.equal(first.run.id, second.run.id);
  await server.ended(first.run.id);
  assert.equal((await ask()).kind, 'started');
  assert.equal(await runsOf(server), 1);
  assert.equal((await server.service.run(first.run.id))?.state, 'done');
});

test('who lacks the role of the file is refused, and the audit has it', async (t) => {
  const server = serverWith(t, 'confirm: none').service;
  await assert.rejects(server.request(somebody('zeca', 'viewer'), { name: 'x', parameters: {} }), { code: 'AUTH_ROLE' });
  const strict = serverWith(t, 'confirm: none');
  const strictService = startTestServer(
    database,
    catalogueOf({ strict: runbookText('strict', script('1')).replace('[operator]', '[approver]') }),
  );
  assert.equal(await why(strictService.service.request(somebody('ana'), { name: 'strict', parameters: {} })), 'role');
  assert.equal(await runsOf(strict), 0);
  const { items } = await listAudit(database, { verb: 'runbook.run' }, { limit: 2 });
  assert.deepEqual(
    items.map(({ actor, result }) => [actor.id, result]),
    [
      ['ana', 'refused'],
      ['zeca', 'forbidden'],
    ],
  );
  assert.equal((await verifyAudit(database)).fault, null);
});

test('a runbook that just ran waits for its cooldown', async (t) => {
  const server = serverWith(t, 'confirm: none\ncooldown: 1h');
  const { id } = await server.started(server.name);
  await server.ended(id);
  assert.equal(await why(server.service.request(somebody('ana'), { name: server.name, parameters: {} })), 'cooldown');
});

test('a run that failed is repeated at once by a person, not by an alert', async (t) => {
  const more = 'confirm: none\ncooldown: 1h\nauto: { alerts: [no_data], per_day: 9 }';
  const server = serverWith(t, more, { steps: script('process.exit(1)') });
  await server.ended((await server.started(server.name)).id);
  assert.equal(await why(server.service.startFor({ fingerprint: 'abc', key: 'abc@1' }, server.name)), 'cooldown');
  const again = await server.started(server.name);
  await server.ended(again.id);
});

test('a file that changes between the request and its confirmation does not run', async (t) => {
  const server = serverWith(t, 'confirm: self');
  const code = await requested(server, somebody('ana'));
  const changed = startTestServer(database, catalogueOf({ [server.name]: runbookText(server.name, script('2'), 'confirm: self') }));
  assert.equal(await why(changed.service.confirm(somebody('ana'), code)), 'changed');
});

test('an alert starts a runbook once for each occurrence, so many times a day', async (t) => {
  const server = serverWith(t, 'confirm: none\nauto: { alerts: [no_data], per_day: 2 }');
  const start = async (key: string) => {
    const outcome = await server.service.startFor({ fingerprint: 'abc', key }, server.name);
    if (outcome.kind === 'started') await server.ended(outcome.run.id);
    return outcome.kind === 'started' ? outcome.run : 'why' in outcome && outcome.why;
  };
  const first = await start('abc@1');
  assert.deepEqual(await start('abc@1'), first);
  await start('abc@2');
  assert.equal(await start('abc@3'), 'per_day');
  assert.equal(await runsOf(server), 2);
});

test('what this server cannot do is refused before any question, whoever asks, and nothing is run', async (t) => {
  const steps = `  - name: { pt-BR: conta, en: count }
    action: count-workers
  - name: { pt-BR: escala, en: scale }
    action: scale-workers
    with: { workers: "2" }`;
  const actions = {
    run: { 'count-workers': async () => ({ ok: true }) as const },
    missing: { 'scale-workers': { code: 'runbook_workers_fixed', params: { n: 1 } } },
  };
  const server = serverWith(t, 'confirm: self', { steps, actions });
  const outcome = await server.service.request(somebody('ana'), { name: server.name, parameters: {} });
  assert.ok(outcome.kind === 'refused');
  assert.match(refusalText('en', outcome), /^The runbook service-\d+ cannot run here: .*guardian up --processes.*\. Nothing was run\.$/);
  const byItself = serverWith(t, 'confirm: none\nauto: { alerts: [no_data], per_day: 2 }', { steps, actions });
  assert.equal(await why(byItself.service.startFor({ fingerprint: 'abc', key: 'abc@1' }, byItself.name)), 'unavailable');
  assert.deepEqual([await runsOf(server), await runsOf(byItself)], [0, 0]);
});

test('a dry run does nothing and names what would keep it from running', async (t) => {
  const server = serverWith(t, 'confirm: self', {
    steps: '  - name: { pt-BR: a, en: b }\n    command: [echo, "a b"]\n    env: { TOKEN: { env: X } }',
  });
  const told = await server.reader.dryRun(somebody('zeca', 'viewer'), { name: server.name, parameters: {} }, 'en');
  assert.ok(!('kind' in told));
  assert.deepEqual(
    told.steps.map(({ does }) => does),
    ['TOKEN=env:X echo "a b"'],
  );
  assert.deepEqual(told.obstacles, ['This runbook needs the role operator.']);
  assert.equal(await runsOf(server), 0);
});
