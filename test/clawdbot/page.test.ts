import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { waitFor } from '../e2e/product.ts';
import { incidentMinutes } from '../e2e/traffic.ts';
import { cannotRun, OWNER, startNight } from './night.ts';

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
