import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertOf, createWorld, groupOf, resolved, textOf } from '../test-world.ts';

const fingerprint = (n: number): string => n.toString(16).padStart(16, '0');

test('a thousand groups in a minute are few messages, and what is critical stands first', async () => {
  const { deliver, phones } = await createWorld();
  const groups = Array.from({ length: 1000 }, (_group, n) =>
    groupOf(
      [
        alertOf({
          severity: n === 700 ? 'critical' : 'warning',
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
  assert.match(last, /… e mais 975 grupos$/);

  // Nothing of it comes twice, and its end is no flood either.
  const before = phones.sent.length;
  await Promise.all(groups.map((group) => deliver(group, '')));
  assert.equal(phones.sent.length, before);
  await Promise.all(groups.slice(5).map(({ alerts, groupKey }) => deliver(groupOf(alerts.map(resolved), groupKey), '')));
  assert.ok(phones.sent.length <= before + 2, String(phones.sent.length));
});
