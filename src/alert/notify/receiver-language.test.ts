import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { escalateDue } from '../../oncall/escalate.ts';
import { createSilence } from '../../respond/silence.ts';
import { personNamed, respondDeps } from '../../respond/test-respond.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { anomalyOf, eventOf, resolvedOf } from '../test-anomaly.ts';
import { CLAWDBOT, createAlertHarness } from '../test-harness.ts';

const MINUTE = 60_000;
const BOB = { ...CLAWDBOT, name: 'bob', language: 'en' as const };

let database: Database;
before(async () => void (database = await openTestDatabase()));
after(() => database.close());

test('a receiver with a language gets alerts, their end, escalation steps and notices of silences in it', async (t) => {
  const harness = await createAlertHarness(database, [CLAWDBOT, BOB]);
  t.after(harness.release);
  await database.exec('truncate escalation, escalation_step');
  const heard = (): Record<string, string> => {
    const texts = Object.fromEntries(
      harness.sent.map(({ receiver, payload }) => [receiver, payload.alerts[0]?.annotations['message'] ?? '']),
    );
    harness.sent.length = 0;
    return texts;
  };
  const anomaly = anomalyOf();
  await harness.publish(eventOf('opened', 1, anomaly));
  await harness.advance(5000);
  const first = heard();
  assert.match(first['clawdbot'] ?? '', /^⚠️ ATENÇÃO: .*\nSistema: /);
  assert.match(first['bob'] ?? '', /^⚠️ WARNING: .*\nSystem: /);
  const step = { after_minutes: 1, receivers: ['clawdbot', 'bob'], schedules: [], people: ['bob'] };
  const options = {
    policies: [{ severities: ['warning' as const], steps: [step] }],
    ...{ quiet: null, onCall: async () => [], nameOf: () => 'Bob', externalUrl: '', repeatIntervalMs: 3_600_000, groupIntervalMs: 60_000 },
    localeOf: (receiver: string) => (receiver === 'bob' ? ('en' as const) : ('pt-BR' as const)),
  };
  await escalateDue(database, options, harness.now);
  harness.now += MINUTE;
  await escalateDue(database, options, harness.now);
  await harness.advance(0);
  const escalated = heard();
  assert.match(escalated['clawdbot'] ?? '', /Sistema: [\s\S]*\nEscalonamento, passo 1: Bob$/);
  assert.match(escalated['bob'] ?? '', /System: [\s\S]*\nEscalation step 1: Bob$/);
  const scope = { alertId: anomaly.id };
  const silence = await createSilence(respondDeps(harness), personNamed('ana'), {
    scope,
    endsAt: harness.now + 10 * MINUTE,
    reason: 'deploy',
  });
  assert.equal(silence.kind, 'done');
  await harness.advance(MINUTE);
  const silenced = heard();
  assert.match(silenced['clawdbot'] ?? '', /^🔕 SILÊNCIO até /);
  assert.match(silenced['bob'] ?? '', /^🔕 SILENCED until /);
  await harness.advance(12 * MINUTE);
  await harness.publish(eventOf('resolved', 2, resolvedOf()));
  await harness.advance(2 * MINUTE);
  const texts = harness.sent.map(({ receiver, payload }) => `${receiver} ${payload.alerts[0]?.annotations['message'] ?? ''}`);
  for (const wanted of [/^bob ✅ RESOLVED/, /^clawdbot ✅ RESOLVIDO/, /^bob 🔔 SILENCE OVER/])
    assert.ok(
      texts.some((text) => wanted.test(text)),
      texts.join('\n'),
    );
  assert.ok(!texts.some((text) => /^bob .*(?:RESOLVIDO|SILÊNCIO|ATENÇÃO)/.test(text)));
});
