import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { waitFor } from '../e2e/product.ts';
import { incidentMinutes } from '../e2e/traffic.ts';
import { cannotRun, notification, OWNER, startNight, type Night } from './night.ts';

const MINUTES = 150;
const START = Date.parse('2026-03-10T12:00:00Z');
/** Time in which a message that is too many would have come. */
const QUIET_MS = 4000;

test('an incident reaches the phone once, and so does its end', { timeout: 900_000, skip: cannotRun }, async (t) => {
  const night = await startNight(t);
  const { telegram } = night;
  const lines = incidentMinutes({ start: START, minutes: MINUTES, seed: 3 });
  const perMinute = lines.length / MINUTES;
  const send = (from: number, to?: number) =>
    night.guardian().post('/transactions/batch', lines.slice(from * perMinute, to === undefined ? undefined : to * perMinute).join('\n'), {
      'content-type': 'application/x-ndjson',
    });

  await send(0, 85);
  const page = await night.next(0);
  assert.match(page.text, /^<b>🚨 CRÍTICO: .+<\/b>\nSistema: Transaction Guardian\nHora: \d\d:\d\d\n/);
  assert.match(page.text, /\nAção: .+/);
  assert.deepEqual(
    page.buttons.map(({ text }) => text),
    ['Reconhecer', 'Soneca 15 min', 'Runbook'],
  );

  // Somebody takes it with a tap.
  const known = telegram.messages(OWNER).length;
  telegram.tap(OWNER, page, page.buttons[0]?.callback_data ?? '');
  const taken = await waitFor(async () => telegram.messages(OWNER).find(({ id, text }) => id > page.id && /reconhecido/i.test(text)));
  assert.match(taken.text, /Ana/);
  const { items } = await night.guardian().get<{ items: { acknowledged_by: { id: string } | null }[] }>('/api/v1/alerts?status=firing');
  assert.ok(
    items.some(({ acknowledged_by }) => acknowledged_by?.id === 'ana'),
    JSON.stringify(items).slice(0, 500),
  );
  assert.ok(telegram.messages(OWNER).length >= known);

  const { items: sent } = await waitFor(async () => {
    const page = await night
      .guardian()
      .get<{ items: { received_at: string | null; provider_message_id: string | null }[] }>('/api/v1/notifications');
    return page.items.some(({ received_at }) => received_at !== null) ? page : undefined;
  });
  assert.ok(
    sent.some(({ provider_message_id }) => provider_message_id === String(page.id)),
    JSON.stringify(sent),
  );

  await send(85);
  await night
    .guardian()
    .post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + MINUTES * 60_000 + 90_000).toISOString() }));
  const end = await waitFor(async () =>
    telegram.messages(OWNER).find(({ text }) => text.startsWith('<b>✅ RESOLVIDO') && text.includes('Hora')),
  );
  await wait(QUIET_MS);
  const pages = telegram.messages(OWNER).filter(({ text }) => text.includes('Sistema: Transaction Guardian'));
  const rang = new Set(pages.map(({ id }) => id));
  assert.ok(rang.has(page.id));
  assert.ok(
    pages.some(({ replyTo }) => replyTo !== null && rang.has(replyTo)),
    'the end answers the message that rang',
  );
  assert.ok(
    pages.every(({ text }) => text.includes('RESOLVIDO') || text.includes('SUBSTITUÍDO') || text.includes('ESCALADO')),
    JSON.stringify(pages, null, 1),
  );
  assert.ok(end.id >= page.id);
});

test('no page is lost and none comes twice, whatever fails', { timeout: 900_000, skip: cannotRun }, async (t) => {
  const night = await startNight(t, { plugin: { messagesPerMinute: 1000 } });
  const { telegram, gateway, notify } = night;
  const deliver = (payload: object): Promise<void> => deliverTo(night, payload);
  const about = (group: string) => telegram.messages(OWNER).filter(({ text }) => text.includes(`detected ${group}`));
  const once = async (group: string): Promise<void> => {
    await waitFor(async () => (about(group).length > 0 ? true : undefined));
    await wait(QUIET_MS);
    assert.equal(about(group).length, 1, `${group}: ${JSON.stringify(about(group))}`);
  };

  await t.test('the same notification three times', async () => {
    const payload = notification({ group: '1' });
    await Promise.all([deliver(payload), deliver(payload), deliver(payload)]);
    await once('1');
  });

  for (const [group, fault] of [
    ['500', { kind: 'status', status: 500 }],
    ['403', { kind: 'status', status: 403, description: 'Forbidden: bot was blocked by the user' }],
    ['429', { kind: 'status', status: 429, retryAfter: 2, description: 'Too Many Requests: retry after 2' }],
    ['71', { kind: 'hangup' }],
    ['72', { kind: 'hang' }],
  ] as const)
    await t.test(`Telegram answers with ${JSON.stringify(fault)}`, async () => {
      telegram.fail(fault, 1);
      await deliver(notification({ group }));
      await once(group);
    });

  await t.test('Telegram refuses connections', async () => {
    await telegram.setDown(true);
    const status = notify(notification({ group: '73' }));
    await status;
    await telegram.setDown(false);
    await deliver(notification({ group: '73' }));
    await once('73');
  });

  await t.test('the gateway is killed while an alert fires', async () => {
    await deliver(notification({ group: '74' }));
    await gateway.stop('SIGKILL');
    const ending = deliver(notification({ group: '74', status: 'resolved' }));
    const next = deliver(notification({ group: '75' }));
    const again = deliver(notification({ group: '74' }));
    await gateway.start();
    await Promise.all([ending, next, again]);
    await once('75');
    const [first, end, ...more] = about('74');
    assert.deepEqual(more, []);
    assert.equal(end?.replyTo, first?.id);
    assert.match(end?.text ?? '', /RESOLVIDO/);
  });
});

test('a thousand groups at once are few messages, the critical one first', { timeout: 900_000, skip: cannotRun }, async (t) => {
  const night = await startNight(t);
  const { telegram } = night;
  const known = telegram.messages(OWNER).length;
  const groups = Array.from({ length: 1000 }, (_group, n) =>
    notification({ group: `flood-${n}`, severity: n === 700 ? 'critical' : 'warning', fingerprint: n.toString(16).padStart(16, '0') }),
  );
  const left = groups.entries();
  const sender = async (): Promise<void> => {
    for (const [, payload] of left) await deliverTo(night, payload);
  };
  await Promise.all(Array.from({ length: 50 }, sender));
  const messages = telegram.messages(OWNER).slice(known);
  assert.ok(messages.length <= 12, String(messages.length));
  const last = messages.at(-1)?.text ?? '';
  assert.match(last, /^<b>🚨 Muitos alertas: 995 grupos em \d+ s, 1 crítico<\/b>\n🚨 .*detected flood-700/);
});

/** As Alertmanager does: again until it is taken. */
async function deliverTo(night: Night, payload: object): Promise<void> {
  await waitFor(async () => {
    const status = await night.notify(payload).catch(() => 0);
    if (status === 200) return true;
    await wait(300);
    return undefined;
  });
}
