import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANOMALY_TYPES } from '@transaction-guardian/contracts/anomaly-type.ts';
import { alertOf, isAnotherAlert } from './alert-of.ts';
import { alertFor, anomalyOf, resolvedOf, TEST_OPTIONS } from './test-anomaly.ts';

test('a firing alert says in three lines what, how bad and since when', () => {
  const zero = anomalyOf({
    type: 'zero_transactions',
    severity: 'critical',
    node: { kind: 'fleet' },
    slice: { share: 1 },
    observed: 0,
    expected: 1247.3,
    expected_low: 1178,
    expected_high: 1320,
    z_score: -35.31,
  });
  const lines = alertFor(zero).summary.split('\n');
  assert.deepEqual(lines, ['🚨 CRÍTICO: Zero transações', '0/min, esperado 1.247,3 (1.178–1.320), z -35,3', 'Desde 17:09']);
});

test('a rate is a share, not a count a minute', () => {
  const rate = { type: 'approval_rate_down' as const, node: { kind: 'fleet' as const }, slice: { share: 0 }, reasons: [] };
  const figures = { observed: 0.712, expected: 0.942, expected_low: 0.93, expected_high: 0.955, z_score: -9.1 };
  const { summary, description, annotations } = alertFor(anomalyOf({ ...rate, ...figures }));
  const said = '71,2%, esperado 94,2% (93%–95,5%), z -9,1';
  assert.equal(summary.split('\n')[1], said);
  assert.ok(annotations['message']?.includes(`Agora: ${said}`), annotations['message']);
  assert.ok(description.startsWith(said), description);
  assert.ok(alertFor(resolvedOf({ ...rate, ...figures })).summary.includes(`Pior minuto: ${said}`));
});

test('the chat message has the form that the night shift knows', () => {
  const { annotations } = alertFor(
    anomalyOf({ type: 'zero_transactions', severity: 'critical', node: { kind: 'fleet' }, slice: { share: 1 } }),
  );
  const lines = annotations['message']?.split('\n') ?? [];
  assert.deepEqual(
    [lines[0], lines[1], lines[2], lines.at(-1)],
    ['🚨 CRÍTICO: Zero transações', 'Sistema: Transaction Guardian', 'Hora: 17:09', 'Ação: Verificar API imediatamente'],
  );
});

test('a warning before the threshold says when it crosses and how many such warnings came true', () => {
  const reasons = [
    { code: 'drift', params: { what: 'denied', minutes: 12, share: 0.72 } },
    { code: 'drift_now', params: { observed: 9.1, expected: 6.3 } },
    { code: 'drift_precision', params: { confirmed: 19, count: 20 } },
  ];
  const warning = anomalyOf({ type: 'drift_warning', severity: 'info', reasons });
  const said = 'Negadas: deve cruzar o limiar em ~12 min neste ritmo (agora em 72% do limiar); 19 de 20 avisos como este se confirmaram';
  const { summary, annotations } = alertFor(warning);
  assert.ok(summary.split('\n')[1]?.startsWith(said), summary);
  assert.ok(annotations['message']?.includes(`Previsão: ${said}`), annotations['message']);
  assert.doesNotMatch(alertFor(resolvedOf({ type: 'drift_warning', severity: 'info', reasons })).annotations['message'] ?? '', /Previsão/);
});

test('the language and the time zone are those of the options', () => {
  const alert = alertOf(anomalyOf(), null, { ...TEST_OPTIONS, locale: 'en', timeZone: 'UTC' });
  assert.deepEqual(alert.summary.split('\n'), [
    '⚠️ WARNING: Denials above normal · code 51',
    '32/min, expected 6 (2–11), z +10.4',
    'Since 20:09',
  ]);
});

test('a resolved alert names its peak, its end and how long it took', () => {
  const alert = alertFor(resolvedOf());
  assert.equal(alert.status, 'resolved');
  assert.equal(alert.ends_at, '2025-07-12T20:21:00.000Z');
  assert.match(alert.summary, /^✅ RESOLVIDO: Negadas acima do normal/);
  assert.match(alert.summary, /Pior minuto: 41\/min, esperado 6,1 \(0–12,2\), z \+12,3/);
  assert.match(alert.summary, /17:09–17:21 \(12 min\)/);
});

test('the description is the reasons as one sentence, then the loss', () => {
  const reasons = [
    { code: 'above', params: { what: 'denied', observed: 32, expected: 6, z: 10.4 } },
    { code: 'all_code', params: { code: '51' } },
    { code: 'since', params: { at: '2025-07-12T20:09:00.000Z' } },
  ];
  const { description } = alertFor(anomalyOf({ reasons }));
  assert.match(
    description,
    /^Negadas 32,0\/min contra 6,0 esperadas \(z \+10,4\); tudo no código 51; desde 17:09\. Perda estimada: 26 transações aprovadas\.$/,
  );
});

test('what follows an anomaly changes texts and figures, never labels, start or severity', () => {
  const opened = alertFor(anomalyOf());
  const later = alertFor(anomalyOf({ severity: 'info', observed: 60, slice: { share: 1 } }), opened);
  assert.deepEqual(
    [later.labels, later.fingerprint, later.starts_at, later.severity, later.slice],
    [opened.labels, opened.fingerprint, opened.starts_at, 'warning', opened.slice],
  );
  assert.match(later.summary, /60\/min/);
});

test('another type, a higher severity or another labelled place needs another alert; a finer slice or the end does not', () => {
  const opened = alertFor(anomalyOf({ slice: { merchant_id: 'm-1', share: 0.9 } }));
  const rows: [Partial<Parameters<typeof anomalyOf>[0] & object>, boolean][] = [
    [{ type: 'failures_above_normal', slice: { merchant_id: 'm-1', share: 0.9 } }, true],
    [{ severity: 'critical', slice: { merchant_id: 'm-1', share: 0.9 } }, true],
    [{ severity: 'info', slice: { merchant_id: 'm-1', share: 0.9 } }, false],
    [{ slice: { merchant_id: 'm-2', share: 0.9 } }, true],
    [{ slice: { merchant_id: 'm-1', auth_code: '51', share: 0.9 } }, false],
    [{ slice: { share: 1 } }, false],
    [{ status: 'resolved', type: 'failures_above_normal' }, false],
  ];
  for (const [changes, expected] of rows) assert.equal(isAnotherAlert(anomalyOf(changes), opened), expected, JSON.stringify(changes));
});

test('labels carry what Prometheus rules route by', () => {
  assert.deepEqual(alertFor(anomalyOf({ node: { kind: 'merchant_status', status: 'denied', merchant_id: 'm-1' } })).labels, {
    alertname: 'GuardianDenialsAboveNormal',
    severity: 'warning',
    type: 'denials_above_normal',
    status: 'denied',
    auth_code: '51',
    merchant_id: 'm-1',
    cause: 'merchant m-1',
    service: 'transaction-guardian',
  });
});

test('every type has words, an action and a runbook in both languages', () => {
  for (const locale of ['pt-BR', 'en'] as const) {
    for (const type of ANOMALY_TYPES) {
      const alert = alertOf(anomalyOf({ type }), null, { ...TEST_OPTIONS, locale });
      const texts = [alert.summary, alert.description, alert.action, alert.annotations['message'] ?? ''];
      for (const text of texts) assert.ok(text.length > 5 && !/[{}]/.test(text), `${locale} ${type}: ${text}`);
      assert.match(alert.runbook ?? '', /^[a-z-]+$/);
      assert.match(alert.name, /^Guardian[A-Za-z]+$/);
    }
  }
});

test('what was lost is reported in money where amounts are known, in every text', () => {
  const money = { currency: 'BRL', amount: 12_431.5 };
  const alert = alertFor(anomalyOf({ lost_amount: money, lost_by_currency: [money] }));
  assert.match(alert.summary, /Desde 17:09 · ~R\$ 12,4 mil perdidos$/);
  assert.match(alert.description, /Perda estimada: 26 transações aprovadas, ~R\$ 12,4 mil\./);
  assert.match(alert.annotations['message'] ?? '', /Perda: 26 aprovadas \(~R\$ 12,4 mil\)/);
  assert.equal(alert.annotations['lost_amount'], '~R$ 12,4 mil');
  const two = alertFor(anomalyOf({ lost_amount: null, lost_by_currency: [money, { currency: 'USD', amount: 300 }] }));
  assert.equal(two.annotations['lost_amount'], '~R$ 12,4 mil + US$ 300');
});
