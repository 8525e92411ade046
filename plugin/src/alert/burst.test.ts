import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncomingAlert } from '../payload.ts';
import { alertOf, createWorld, groupOf, resolved, settingsOf, textOf } from '../test-world.ts';
import { groupLines } from './alert-text.ts';
import { burstLines } from './burst.ts';

const fingerprint = (n: number): string => n.toString(16).padStart(16, '0');

test('a thousand groups in a minute are few messages, and what is critical stands first', async () => {
  const { deliver, phones } = await createWorld();
  const groups = Array.from({ length: 1000 }, (_group, n) =>
    groupOf(
      [
        alertOf({
          labels: { ...alertOf().labels, severity: n === 700 ? 'critical' : 'warning', type: 'low_volume' },
          fingerprint: fingerprint(n),
          annotations: { summary: `Volume baixo · lojista m-${n}` },
        }),
      ],
      `m-${n}`,
    ),
  );
  const outcomes = await Promise.all(groups.map((group) => deliver(group, '')));
  assert.ok(outcomes.every(({ kind }) => kind === 'delivered'));
  assert.ok(phones.sent.length <= 7, String(phones.sent.length));
  const last = textOf(phones.sent.at(-1) ?? { lines: [] });
  assert.match(last, /^🚨 Muitos alertas: 995 grupos em \d+ s, 1 crítico\n🚨 Volume baixo · lojista m-700 · 15:32\n/);
  assert.equal(last.split('\n').length, 7, 'readable on a phone: a title, the worst five, and a line for the others');
  assert.match(last, /\ne mais 990 alertas: 990 × Volume baixo$/);

  // Nothing of it comes twice, and its end is no flood either.
  const before = phones.sent.length;
  await Promise.all(groups.map((group) => deliver(group, '')));
  assert.equal(phones.sent.length, before);
  await Promise.all(groups.slice(5).map(({ alerts, groupKey }) => deliver(groupOf(alerts.map(resolved), groupKey), '')));
  assert.ok(phones.sent.length <= before + 2, String(phones.sent.length));
});

test('many alerts are listed as on every channel: the worst by what they lost, all that is critical, the others by kind', () => {
  const settings = settingsOf();
  const one = (n: number, severity: string, type: string): IncomingAlert =>
    alertOf({
      labels: { severity, type },
      fingerprint: fingerprint(n),
      annotations: { summary: `${type} ${n}`, lost_transactions: String(n) },
    });
  const alerts = [
    ...Array.from({ length: 6 }, (_one, n) => one(n, 'critical', 'zero_transactions')),
    ...Array.from({ length: 10 }, (_one, n) => one(n, 'warning', 'low_volume')),
    ...Array.from({ length: 3 }, (_one, n) => resolved(one(20 + n, 'warning', 'spike'))),
  ];
  const more = 'e mais 13 alertas: 10 × Volume baixo, 3 × Pico de volume (resolvido)';
  const burst = burstLines(
    settings,
    alerts.map((alert, at) => ({ group: groupOf([alert], `g-${at}`) })),
    9000,
  ).map(({ text }) => text);
  assert.equal(burst[0], '🚨 Muitos alertas: 19 grupos em 9 s, 6 críticos');
  assert.deepEqual(
    burst.slice(1, -1).map((line) => line.split(' · ')[0]),
    [5, 4, 3, 2, 1, 0].map((n) => `🚨 zero_transactions ${n}`),
  );
  assert.equal(burst.at(-1), more);
  const group = groupLines(groupOf(alerts), settings).map(({ text }) => text);
  assert.equal(group[0], '🚨 CRITICAL: zero_transactions 5');
  assert.equal(group.filter((line) => line.startsWith('├──') || line.startsWith('└──')).length, 5);
  assert.equal(group.at(-1), more);
  const few = groupLines(groupOf(alerts.slice(6, 14)), settings).map(({ text }) => text);
  assert.ok(!few.some((line) => line.startsWith('e mais')), 'eight are all listed');
  assert.equal(groupLines({ ...groupOf(alerts.slice(6, 8)), truncatedAlerts: 4 }, settings).at(-1)?.text, 'e mais 4 alertas');
});
