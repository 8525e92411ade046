import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertEvent } from '@transaction-guardian/contracts/alert.ts';
import type { BusRecord } from '../../bus/bus.ts';
import { JSON_HEADERS } from '../../topic/record-headers.ts';
import { toStreamEntry } from './stream-entry.ts';

const record = (value: unknown): BusRecord => ({
  offset: 7,
  key: 'f1',
  value: Buffer.from(JSON.stringify(value)),
  headers: JSON_HEADERS,
  publishedAt: 0,
});

test('an alert goes to each reader in the language of the reader, where the event has it', () => {
  const alert = { summary: 'Volume baixo' } as AlertEvent['alert'];
  const event: AlertEvent = { v: 1, event: 'opened', alert, translations: { en: { ...alert, summary: 'Low volume' } } };
  const entry = toStreamEntry('alerts', record(event), 'UTC');
  assert.deepEqual(
    [JSON.parse(entry?.data('en') ?? '').summary, JSON.parse(entry?.data('pt-BR') ?? '').summary],
    ['Low volume', 'Volume baixo'],
  );
  const old = toStreamEntry('alerts', record({ v: 1, event: 'opened', alert }), 'UTC');
  assert.equal(JSON.parse(old?.data('en') ?? '').summary, 'Volume baixo');
});

test("the program's own test transactions are no event of the stream", () => {
  assert.equal(toStreamEntry('windows', record({ v: 1, kind: 'canary', sent_at: 1 }), 'UTC'), null);
  assert.equal(toStreamEntry('anomalies', record({ v: 1, event: 'canary', sent_at: 1 }), 'UTC'), null);
});
