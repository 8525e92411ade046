import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Maintenance, Silence } from '@transaction-guardian/contracts/silence.ts';
import { NO_STATE } from '@transaction-guardian/contracts/no-state.ts';
import { alertFor, anomalyOf } from '../../alert/test-anomaly.ts';
import { runInTest, testFolder, testServer } from '../test-run.ts';

const ALERT: AlertView = { ...alertFor(anomalyOf()), ...NO_STATE };
const ANA = { id: 'ana', name: 'Ana' };
const SILENCE: Silence = {
  id: 'si_1',
  status: 'active',
  matchers: ['merchant_id="m-1"'],
  max_severity: 'warning',
  starts_at: '2026-11-22T03:00:00.000Z',
  ends_at: '2026-11-22T05:00:00.000Z',
  reason: 'migração',
  created_by: ANA,
  created_at: '2026-11-22T03:00:00.000Z',
  updated_at: '2026-11-22T03:00:00.000Z',
  ended_by: null,
  maintenance_id: null,
  hidden: [
    {
      fingerprint: 'f1',
      name: 'GuardianLowVolume',
      severity: 'warning',
      labels: { merchant_id: 'm-1' },
      starts_at: '2026-11-22T03:10:00.000Z',
      hidden_at: '2026-11-22T03:10:01.000Z',
      is_firing: true,
    },
  ],
  hidden_count: 1,
};
const WINDOW: Maintenance = {
  id: 'mw_1',
  status: 'planned',
  name: 'janela',
  matchers: ['acquirer="rede"'],
  max_severity: 'critical',
  once: null,
  weekly: { days: ['sun'], start: '02:00', end: '04:00', time_zone: 'America/Sao_Paulo' },
  next: { starts_at: '2026-11-29T05:00:00.000Z', ends_at: '2026-11-29T07:00:00.000Z' },
  created_by: ANA,
  created_at: '2026-11-22T03:00:00.000Z',
  ended_by: null,
};

/** Runs a command against a server that answers with `answer`; what it asked, its lines and its exit code. */
async function guardian(t: TestContext, answer: object, ...args: string[]) {
  const asked: string[] = [];
  const url = await testServer(t, (request, response, body) => {
    if (request.url !== '/api/v1/stats') asked.push(`${request.method} ${request.url?.replace('/api/v1', '')} ${body}`.trim());
    const zone = { time_zone: 'America/Sao_Paulo' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(request.url === '/api/v1/stats' ? zone : answer));
  });
  const { code, out, err } = await runInTest([...args, '--url', url], { cwd: testFolder(t), env: { GUARDIAN_LOCALE: 'pt-BR' } });
  return { asked, lines: out.trimEnd().split('\n'), code, err };
}

test('ack says who owns the alert and until when', async (t) => {
  const until = '2026-11-22T03:30:00.000Z';
  const owned = { ...ALERT, acknowledged_by: ANA, acknowledged_at: until, acknowledged_until: until };
  const { asked, lines } = await guardian(t, owned, 'ack', 'an_1', '--comment', 'ligando');
  assert.deepEqual(asked, ['POST /alerts/an_1/acknowledge {"comment":"ligando"}']);
  assert.match(lines[1] ?? '', /^ {2}Reconhecido por Ana; notifica de novo a partir de 22\/11, 00:30 se continuar ativo/);
  const undone = await guardian(t, ALERT, 'ack', 'an_1', '--undo');
  assert.deepEqual([undone.asked, undone.lines[1]], [['DELETE /alerts/an_1/acknowledge'], '  Nada o retém: ele notifica.']);
});

test('silence list names who holds alerts of other rules back, and silence end ends that by the fingerprint', async (t) => {
  const held = {
    ...{
      fingerprint: 'bbbbbbbbbbbbbbb1',
      name: 'HostDown',
      labels: { alertname: 'HostDown', instance: 'db-1' },
      kind: 'snooze',
      by: 'Ana',
    },
    ...{ at: '2026-11-22T02:50:00.000Z', until: '2026-11-22T03:30:00.000Z' },
  };
  const { lines } = await guardian(t, { items: [], elsewhere: [held], next_cursor: null }, 'silence', 'list');
  assert.deepEqual(lines, [
    'De outras regras, só no Alertmanager:',
    'bbbbbbbbbbbbbbb1  HostDown  soneca  21/11, 23:50–22/11, 00:30  Ana',
    '    instance="db-1"',
  ]);
  const ended = await guardian(
    t,
    { fingerprint: held.fingerprint, name: 'HostDown', not_in: ['am-2'] },
    'silence',
    'end',
    held.fingerprint,
  );
  assert.deepEqual(ended.asked, ['DELETE /silences/elsewhere/bbbbbbbbbbbbbbb1']);
  assert.deepEqual(ended.lines, [
    'HostDown: nada mais o segura; volta a avisar se ainda estiver ativo.',
    '⚠️ Sem resposta de am-2: lá termina quando voltar.',
  ]);
});

test('snooze takes a duration', async (t) => {
  const { asked } = await guardian(t, ALERT, 'snooze', 'an_1', '--for', '1h');
  assert.deepEqual(asked, ['POST /alerts/an_1/snooze {"minutes":60}']);
  const wrong = await guardian(t, ALERT, 'snooze', 'an_1', '--for', 'depois');
  assert.deepEqual([wrong.code, wrong.asked], [2, []]);
  assert.match(wrong.err, /--for deve ser uma duração como 15m, 1h ou 2d, não "depois"/);
});

test('silences are listed with what they hide, created and ended', async (t) => {
  const expired: Silence = { ...SILENCE, id: 'si_0', status: 'expired' };
  const { lines } = await guardian(t, { items: [SILENCE, expired], elsewhere: [], next_cursor: null }, 'silence', 'list');
  assert.deepEqual(lines, [
    'si_1  ativo  22/11, 00:00–22/11, 02:00  Ana: migração',
    '    merchant_id="m-1"',
    '    alertas críticos continuam a notificar',
    '    1 alerta oculto',
    '      ATIVO GuardianLowVolume m-1',
  ]);
  const made = await guardian(t, SILENCE, 'silence', 'add', 'merchant_id="m-1"', '--for', '2h', '--reason', 'migração');
  assert.deepEqual(made.asked, [String.raw`POST /silences {"matchers":["merchant_id=\"m-1\""],"minutes":120,"reason":"migração"}`]);
  const ofAlert = await guardian(t, SILENCE, 'silence', 'add', '--alert', 'an_1', '--for', '30m', '--reason', 'x');
  assert.deepEqual(ofAlert.asked, ['POST /silences {"alert_id":"an_1","minutes":30,"reason":"x"}']);
  assert.equal((await guardian(t, SILENCE, 'silence', 'add', '--for', '30m', '--reason', 'x')).code, 2);
  assert.deepEqual((await guardian(t, SILENCE, 'silence', 'end', 'si_1')).asked, ['DELETE /silences/si_1']);
});

test('a maintenance window is planned once or by the days of the week', async (t) => {
  const weekly = await guardian(
    t,
    WINDOW,
    'maintenance',
    'add',
    'acquirer="rede"',
    '--name',
    'janela',
    '--days',
    'sun',
    '--from',
    '02:00',
    '--to',
    '04:00',
  );
  assert.deepEqual(weekly.asked, [
    String.raw`POST /maintenance {"name":"janela","matchers":["acquirer=\"rede\""],"weekly":{"days":["sun"],"start":"02:00","end":"04:00"}}`,
  ]);
  assert.deepEqual(weekly.lines, [
    'mw_1  planejada  janela  (Ana)',
    '    acquirer="rede"',
    '    dom 02:00–04:00 (America/Sao_Paulo)',
    '    próxima: 29/11, 02:00–29/11, 04:00',
  ]);
  assert.match((await guardian(t, { items: [WINDOW] }, 'maintenance', 'list')).lines[0] ?? '', /mw_1/);
  assert.deepEqual((await guardian(t, WINDOW, 'maintenance', 'end', 'mw_1')).asked, ['DELETE /maintenance/mw_1']);
});

test('route test says which receivers an alert reaches, and why others do not get it', async (t) => {
  const cwd = testFolder(t);
  writeFileSync(
    join(cwd, 'guardian.yaml'),
    `alert:
  receivers:
    - { name: pager, url: 'http://127.0.0.1:8080/', severities: [critical] }
    - { name: chat, url: 'http://127.0.0.1:8080/' }
  routes:
    - { matchers: ['acquirer!=""'], receivers: [pager, chat], continue: true }
    - { matchers: ['severity="critical"'], receivers: [pager] }
`,
  );
  const routed = async (...labels: string[]) => (await runInTest(['route', 'test', ...labels], { cwd })).out.trimEnd().split('\n');
  assert.deepEqual(await routed('severity=critical', 'acquirer=rede'), [
    'Route 0: pager, chat, and continues',
    'Route 1: pager',
    'Received by: pager, chat',
  ]);
  assert.deepEqual(await routed('severity=warning', 'acquirer=rede'), [
    'Route 0: pager, chat, and continues',
    'pager does not receive it: severities critical',
    'Received by: chat',
  ]);
  assert.deepEqual(await routed('severity=critical'), ['Route 1: pager', 'Received by: pager']);
  assert.deepEqual(await routed('severity=warning'), [
    'No route matches: it goes to every receiver.',
    'pager does not receive it: severities critical',
    'Received by: chat',
  ]);
  assert.equal((await runInTest(['route', 'test', 'merchant=m-1'], { cwd })).code, 2);
});
