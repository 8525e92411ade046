import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery } from '@transaction-guardian/contracts/notification.ts';
import type { Health, Stats } from '@transaction-guardian/contracts/stats.ts';
import { runInTest, TEST_CLOCK, testFolder, testServer } from '../test-run.ts';

const HEALTH: Health = {
  status: 'healthy',
  uptime: '3d 4h 12m',
  uptime_seconds: 274_320,
  version: '2.0.0',
  checks: { store: { status: 'ok' } },
};
const STATS = {
  transactions_per_minute: 1247.4,
  approval_rate: 94.23,
  anomalies_last_hour: 0,
  active_alerts: 0,
  held_alerts: 0,
  open_incidents: 0,
  open_anomalies: 0,
  transactions_last_hour: 74_000,
  last_minute: '2026-11-22T03:14:00.000Z',
  last_transaction_minute: '2026-11-22T03:14:00.000Z',
  stream: 'replay',
  stream_now: '2026-11-22T03:15:00.000Z',
  learning: false,
  lag_records: 0,
  lag_minutes: 0,
  judged: 'current',
  judged_until: '2026-11-22T03:15:00.000Z',
  minutes_behind: 0,
  by_status: {},
  last_incident_at: '2026-11-19T02:00:00.000Z',
} as unknown as Stats;

const NO_DELIVERY = { receivers: [], times: { alerts: 0, detection: null, receipt: null, total: null } };

const serve = (t: Parameters<typeof testServer>[0], health: Health, stats: Stats, delivery: Delivery = NO_DELIVERY) =>
  testServer(t, (request, response) => {
    const isHealth = request.url === '/api/v1/health';
    response.writeHead(isHealth && health.status === 'unhealthy' ? 503 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isHealth ? health : request.url === '/api/v1/delivery' ? delivery : stats));
  });

test('the age of the last proven delivery is shown also when all is well; what nothing proves is not well', async (t) => {
  const quiet = {
    ...{ receiver: 'quiet', channel: 'telegram', last_proven_at: '2026-11-22T03:14:42Z', age_s: 18, error: null },
    chats: [{ channel: 'telegram', to: '-100500', last_proven_at: '2026-11-22T03:14:42Z', age_s: 18 }],
  };
  const ask = async (state: Delivery['receivers'][number]['state']) => {
    const url = await serve(t, HEALTH, STATS, { ...NO_DELIVERY, receivers: [{ ...quiet, state }] });
    return runInTest(['status', '--url', url], { cwd: testFolder(t), env: { GUARDIAN_LOCALE: 'pt-BR' } });
  };
  const well = await ask('proven');
  assert.match(well.out, /^✅[^]*── Última entrega comprovada: quiet há 18 segundos\n/);
  assert.equal(well.code, 0);
  const doubtful = await ask('unproven');
  assert.match(doubtful.out, /^⚠️[^]*── ⚠️ Última entrega comprovada: quiet há 18 segundos \(a mais nova sem comprovação\)\n/);
  assert.equal(doubtful.code, 1);
});

test('a healthy system is a tree with a tick, exit code 0', async (t) => {
  const url = await serve(t, HEALTH, STATS);
  const { code, out } = await runInTest(['status', '--url', url], { cwd: testFolder(t), env: { GUARDIAN_LOCALE: 'pt-BR' } });
  assert.equal(code, 0);
  assert.deepEqual(out.trimEnd().split('\n'), [
    '✅ Transaction Guardian Status',
    '├── API: saudável (no ar há 3d 4h 12m)',
    '├── Transações/min: 1.247',
    '├── Taxa de aprovação: 94,2%',
    '├── Anomalias (1h): 0',
    '├── Alertas ativos: 0',
    '├── Fluxo: replay (até 22/11/2026, 00:15)',
    '├── Detector: em dia (avaliado até 22/11/2026, 00:15)',
    '└── Último incidente: 18/11/2026, 23:00',
  ]);
});

test('what happened to the data in the last 24 hours is trouble, one event a line, in the language of the person', async (t) => {
  const at = '2026-11-22T03:00:00.000Z';
  const losses: Health['checks'][string]['losses'] = [
    { at, part: 'log', topic: 'guardian.windows', why: 'damaged', again: 3, lost: 0, aside: '/data/bus/old' },
    { at, part: 'log', topic: 'guardian.dead-letters', why: 'replaced', again: 0, lost: 1 },
    { at, part: 'database', why: 'damaged', aside: '/data/database.corrupt' },
  ];
  const data = { status: 'degraded' as const, detail: 'in English', losses };
  const url = await serve(t, { ...HEALTH, status: 'degraded', checks: { data } }, STATS);
  const linesIn = async (locale: string) => {
    const { code, out } = await runInTest(['status', '--url', url], { cwd: testFolder(t), env: { GUARDIAN_LOCALE: locale } });
    assert.equal(code, 1);
    return out.split('\n').filter((line) => /dados: |data files: /.test(line));
  };
  assert.deepEqual(await linesIn('pt-BR'), [
    '├── arquivos de dados: degradado (22/11/2026, 00:00: guardian.windows: o arquivo estava danificado, 3 mensagens republicadas, nenhuma perda, o arquivo danificado está em quarentena em /data/bus/old)',
    '├── arquivos de dados: degradado (22/11/2026, 00:00: guardian.dead-letters: o arquivo não existia ou foi trocado, pelo menos 1 registro perdido)',
    '└── arquivos de dados: degradado (22/11/2026, 00:00: o banco de dados não abriu e foi reconstruído a partir do log, o arquivo danificado está em quarentena em /data/database.corrupt)',
  ]);
  const english = await linesIn('en');
  assert.match(english[1] ?? '', /guardian\.dead-letters: the file was missing or replaced, at least 1 record lost\)/);
});

test('an active alert or a part that is down is trouble, exit code 1', async (t) => {
  const alerting = await runInTest(['status', '--url', await serve(t, HEALTH, { ...STATS, active_alerts: 2 })], { cwd: testFolder(t) });
  assert.equal(alerting.code, 1);
  assert.match(alerting.out, /^🚨/);
  const health: Health = { ...HEALTH, status: 'unhealthy', checks: { store: { status: 'down', detail: 'closed' } } };
  const down = await runInTest(['status', '--url', await serve(t, health, STATS)], { cwd: testFolder(t) });
  assert.equal(down.code, 1);
  assert.match(down.out, /└── database: down \(closed\)/);
});

test('what is stopped, empty, behind, catching up or learning is never a tick and never exit code 0', async (t) => {
  const unwell: readonly Partial<Stats>[] = [
    { stream: 'stalled' },
    { stream: 'empty' },
    { judged: 'behind', minutes_behind: 349 },
    { judged: 'catching_up', minutes_behind: 12 },
    { judged: 'nothing', judged_until: null },
    { learning: true },
  ];
  for (const fields of unwell) {
    const { code, out } = await runInTest(['status', '--url', await serve(t, HEALTH, { ...STATS, ...fields })], { cwd: testFolder(t) });
    assert.equal(code, 1, JSON.stringify(fields));
    assert.doesNotMatch(out, /✅/);
  }
  const degraded = await runInTest(['status', '--url', await serve(t, { ...HEALTH, status: 'degraded' }, STATS)], { cwd: testFolder(t) });
  assert.equal(degraded.code, 1);
});

test('a detector that is behind says up to when it has judged, in both languages', async (t) => {
  const url = await serve(t, HEALTH, { ...STATS, judged: 'behind', minutes_behind: 349 });
  const ask = async (locale: string) =>
    (await runInTest(['status', '--url', url], { cwd: testFolder(t), env: { GUARDIAN_LOCALE: locale } })).out;
  assert.match(await ask('pt-BR'), /Detector: ATRASADO: avaliado até 22\/11\/2026, 00:15, 349 min de atraso/);
  assert.match(await ask('en'), /Detector: BEHIND: judged up to 22 Nov 2026, 00:15, 349 min behind/);
});

test('the age of an incident of live traffic is counted by the wall clock', async (t) => {
  const last_incident_at = new Date(TEST_CLOCK.now() - 3.5 * 3_600_000).toISOString();
  const url = await serve(t, HEALTH, { ...STATS, stream: 'live', last_incident_at });
  const { out } = await runInTest(['status', '--url', url], { cwd: testFolder(t), env: { GUARDIAN_LOCALE: 'pt-BR' } });
  assert.match(out, /Fluxo: ao vivo$/m);
  assert.match(out, /Último incidente: há 3 horas/);
});

test('no data is said, not shown as zero per cent', async (t) => {
  const url = await serve(t, HEALTH, { ...STATS, approval_rate: null, learning: true, last_incident_at: null });
  const { out } = await runInTest(['status', '--url', url], { cwd: testFolder(t) });
  assert.match(out, /Approval rate: no data/);
  assert.match(out, /Stream: replay \(until .*\), learning/);
  const demo = await serve(t, HEALTH, { ...STATS, demo_speed: 60 });
  assert.match((await runInTest(['status', '--url', demo], { cwd: testFolder(t) })).out, /Stream: replay \(until .*\), demo at 60x$/m);
  assert.match(out, /Last incident: never/);
});

test('while the database is away the parts that are down are named, exit code 1', async (t) => {
  const ill: Health = { ...HEALTH, status: 'unhealthy', checks: { store: { status: 'down', detail: 'role data' }, api: { status: 'ok' } } };
  const url = await testServer(t, (request, response) => {
    response.writeHead(503, { 'content-type': 'application/json' });
    const problem = { status: 503, code: 'STORE_UNAVAILABLE', detail: 'O banco de dados não respondeu.' };
    response.end(JSON.stringify(request.url === '/api/v1/health' ? ill : problem));
  });
  const { code, out } = await runInTest(['status', '--url', url], { cwd: testFolder(t), env: { GUARDIAN_LOCALE: 'pt-BR' } });
  assert.equal(code, 1);
  assert.deepEqual(out.trimEnd().split('\n'), [
    '⚠️ Transaction Guardian Status',
    '├── API: com falha (no ar há 3d 4h 12m)',
    '├── Números: indisponíveis (O banco de dados não respondeu.)',
    '└── banco de dados: fora do ar (role data)',
  ]);
});

test('no answer is exit code 2 and says how to start', async (t) => {
  const { code, err } = await runInTest(['status', '--url', 'http://127.0.0.1:9'], { cwd: testFolder(t) });
  assert.equal(code, 2);
  assert.match(err, /does not respond.*npm start/);
});

test('before the first minute, and when nothing comes any more, the figures are no data, as in the chat', async (t) => {
  const ask = async (fields: Partial<Stats>) => {
    const url = await serve(t, HEALTH, { ...STATS, ...fields });
    const { out } = await runInTest(['status', '--url', url], { cwd: testFolder(t), env: { GUARDIAN_LOCALE: 'pt-BR' } });
    return out.split('\n').filter((line) => /Status|Transações|aprovação|\(1h\)|ativos/.test(line));
  };
  const nothing = { transactions_per_minute: 0, approval_rate: null, last_minute: null, last_transaction_minute: null } as const;
  assert.deepEqual(await ask({ ...nothing, stream: 'empty', judged: 'nothing', judged_until: null }), [
    '⚠️ Transaction Guardian Status',
    '├── Transações/min: sem dados',
    '├── Taxa de aprovação: sem dados',
    '├── Anomalias (1h): 0 (nada avaliado)',
    '├── Alertas ativos: 0 (nada avaliado)',
  ]);
  const stalled = { stream: 'stalled', transactions_per_minute: 0, last_transaction_minute: '2026-11-22T02:56:00.000Z' } as const;
  assert.deepEqual(await ask(stalled), [
    '🚨 Transaction Guardian Status',
    '├── Transações/min: sem dados (última: 21/11/2026, 23:56)',
    '├── Taxa de aprovação: 94,2% (até 21/11/2026, 23:56)',
    '├── Anomalias (1h): 0 (avaliado até 22/11/2026, 00:15)',
    '├── Alertas ativos: 0 (avaliado até 22/11/2026, 00:15)',
  ]);
});

test('--json gives the answers as they are', async (t) => {
  const { out } = await runInTest(['status', '--json', '--url', await serve(t, HEALTH, STATS)], { cwd: testFolder(t) });
  assert.deepEqual(JSON.parse(out), { health: HEALTH, stats: STATS, delivery: NO_DELIVERY });
});
