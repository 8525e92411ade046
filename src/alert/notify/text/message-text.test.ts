import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { FLEET_GROUP } from '../../group.ts';
import { alertFor, anomalyOf, resolvedOf } from '../../test-anomaly.ts';
import { fitText } from './fit-text.ts';
import { PLAIN } from './markups.ts';
import { messageText } from './message-text.ts';

const about = { receiver: 'phone', groupKey: FLEET_GROUP, missed: [], externalUrl: '' };
const at = (n: number, changes: Partial<Anomaly> = {}): Partial<Anomaly> => ({
  id: `an_${n}`,
  type: 'low_volume',
  node: { kind: 'merchant', merchant_id: `m-${n}` },
  slice: { merchant_id: `m-${n}`, share: 1 },
  lost_transactions: n,
  ...changes,
});

test('of 31 merchants at once a phone shows the worst few, how many there are, and of what kind the others are', () => {
  const firing = Array.from({ length: 30 }, (_, n) => alertFor(anomalyOf(at(n + 1))));
  const denials = alertFor(anomalyOf(at(99, { type: 'denials_above_normal', lost_transactions: 0 })));
  const lines = fitText(messageText({ ...about, firing: [...firing, denials], resolved: [] }, 'pt-BR'), PLAIN, 4096).split('\n');
  assert.equal(lines[0], '🔔 31 alertas ativos: 31 de atenção · Volume baixo em 30 lojistas');
  assert.deepEqual(
    lines.filter((line) => line.startsWith('⚠️')),
    [30, 29, 28, 27, 26].map((n) => `⚠️ ATENÇÃO: Volume baixo · lojista m-${n}`),
  );
  assert.equal(lines.at(-1), 'e mais 26 alertas: 25 × Volume baixo, 1 × Negadas acima do normal');
});

test('every critical alert is listed, however many there are', () => {
  const firing = Array.from({ length: 20 }, (_, n) => alertFor(anomalyOf(at(n, { severity: n < 7 ? 'critical' : 'warning' }))));
  const resolved = [alertFor(resolvedOf(at(77)))];
  const shown = fitText(messageText({ ...about, firing, resolved }, 'en'), PLAIN, 9000);
  assert.equal(shown.match(/^🚨/gm)?.length, 7);
  assert.ok(!shown.includes('⚠️'), shown);
  assert.match(shown, /and 14 more alerts: 13 × Low volume, 1 × Low volume \(resolved\)$/);
});

test('a few alerts are all listed', () => {
  const firing = Array.from({ length: 8 }, (_, n) => alertFor(anomalyOf(at(n))));
  const shown = fitText(messageText({ ...about, firing, resolved: [] }, 'pt-BR'), PLAIN, 9000);
  assert.equal(shown.match(/^⚠️/gm)?.length, 8);
  assert.ok(!shown.includes('e mais'), shown);
});
