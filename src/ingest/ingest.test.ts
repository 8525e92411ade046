import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { GuardianError, isGuardianError } from '../errors.ts';
import { createIngest, type Ingest, type IngestDeps, type IngestOptions } from './ingest.ts';
import type { KnownAnswer } from './known-ids.ts';
import { createOrder } from './order.ts';
import { createRecordingBus, type RecordingBus } from './test-bus.ts';

const CONTEXT = { source: 'test', locale: 'en' } as const;
const NOW = Date.UTC(2026, 10, 22, 12);

const whole = (known: readonly (readonly [string, string])[]): KnownAnswer => ({ known: new Map(known), isWhole: true });

function createSubject(changes: Partial<IngestDeps & IngestOptions> = {}): { ingest: Ingest; bus: RecordingBus; clock: { at: number } } {
  const bus = createRecordingBus();
  const clock = { at: NOW, now: () => clock.at, monotonic: () => clock.at };
  let made = 0;
  const ingest = createIngest(
    {
      bus,
      knownIds: async () => whole([]),
      clock,
      log: pino({ level: 'silent' }),
      metrics: new Registry(),
      newId: () => `made-${++made}`,
      ...changes,
    },
    { timeZone: 'UTC', maxFutureMs: 300_000, maxAgeMs: 86_400_000, maxPendingRecords: 1000, ...changes },
  );
  return { ingest, bus, clock };
}

test('accepted is said only after the bus has the record', async () => {
  const { ingest, bus } = createSubject();
  const gate = Promise.withResolvers<void>();
  bus.before = () => gate.promise;
  let answered = false;
  const outcome = ingest.acceptOne({ status: 'approved' }, CONTEXT).then((value) => ((answered = true), value));
  await nextTurn();
  await nextTurn();
  assert.equal(answered, false);
  gate.resolve();
  assert.deepEqual(await outcome, { kind: 'accepted', id: 'made-1' });
  assert.equal(bus.records.length, 1);
});

test('what carries no event time gets that of its arrival, or the one that the stream has reached', async () => {
  const reached = NOW - 3_600_000;
  for (const [changes, expected] of [
    [{}, NOW],
    [{ eventNow: () => reached }, reached],
  ] as const) {
    const { ingest, bus } = createSubject(changes);
    await ingest.acceptOne({ status: 'approved' }, CONTEXT);
    await ingest.heartbeat(undefined, CONTEXT);
    await ingest.acceptOne({ status: 'approved', timestamp: '2026-11-22T11:30:00Z' }, CONTEXT);
    const times = bus.records.map(({ occurred_at }) => occurred_at);
    assert.deepEqual(times, [expected, expected, NOW - 1_800_000]);
  }
});

test('a retry without a timestamp stays a duplicate while the event time of the stream moves on', async () => {
  let reached = NOW - 3_600_000;
  const { ingest } = createSubject({ eventNow: () => reached });
  const item = { id: 'tx-1', status: 'approved' };
  assert.equal((await ingest.acceptOne(item, CONTEXT)).kind, 'accepted');
  reached += 60_000;
  assert.equal((await ingest.acceptOne(item, CONTEXT)).kind, 'duplicate');
});

test('items that arrive together share one write', async () => {
  const { ingest, bus } = createSubject();
  await Promise.all(Array.from({ length: 50 }, () => ingest.acceptOne({ status: 'approved' }, CONTEXT)));
  assert.deepEqual(bus.groups, [50]);
});

test('a retry with the same id is a duplicate, with other content a conflict', async () => {
  const { ingest, bus, clock } = createSubject();
  const item = { id: 'tx-1', status: 'denied', amount: 10, merchant_id: 'm' };
  assert.equal((await ingest.acceptOne(item, CONTEXT)).kind, 'accepted');
  clock.at += 60_000;
  assert.equal(
    (await ingest.acceptOne({ merchant_id: 'm', amount: 10, status: 'denied', id: 'tx-1' }, CONTEXT)).kind,
    'duplicate',
    'order of fields and time of arrival do not matter',
  );
  const conflict = await ingest.acceptOne({ ...item, amount: 11 }, CONTEXT);
  assert.equal(conflict.kind === 'refused' && conflict.code, 'INGEST_CONFLICT');
  assert.equal(bus.records.length, 1);
});

test('a repeat inside one batch is reported and not written', async () => {
  const { ingest, bus } = createSubject();
  const item = { id: 'tx-1', status: 'approved' };
  const outcomes = await ingest.acceptMany([item, item, { ...item, status: 'failed' }, { status: 'nope' }], CONTEXT);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['accepted', 'duplicate', 'refused', 'refused'],
  );
  assert.equal(bus.records.length, 1);
});

test('a repeat of an id that is on its way waits for the disk, and is written itself when that fails', async () => {
  const { ingest, bus } = createSubject();
  const gate = Promise.withResolvers<void>();
  bus.before = () => gate.promise;
  const first = ingest.acceptMany([{ id: 'tx-1', status: 'approved' }], CONTEXT);
  await nextTurn();
  const second = ingest.acceptMany([{ id: 'tx-1', status: 'approved' }], CONTEXT);
  bus.before = async () => undefined;
  gate.reject(new GuardianError('BUS_UNAVAILABLE', 'down', { retryable: true }));
  await assert.rejects(first, (error) => isGuardianError(error, 'BUS_UNAVAILABLE'));
  assert.equal((await second)[0]?.kind, 'accepted');
  assert.equal(bus.records.length, 1);
});

test('an id that only the store knows is a duplicate too', async () => {
  const seen = createSubject();
  await seen.ingest.acceptOne({ id: 'old', status: 'approved' }, CONTEXT);
  const record = seen.bus.records[0];
  const hash = record?.kind === 'transaction' ? record.content_hash : '';
  const { ingest, bus } = createSubject({ knownIds: async () => whole([['old', hash]]) });
  assert.equal((await ingest.acceptOne({ id: 'old', status: 'approved' }, CONTEXT)).kind, 'duplicate');
  const conflict = await ingest.acceptOne({ id: 'old', status: 'denied' }, CONTEXT);
  assert.equal(conflict.kind, 'refused');
  assert.equal(bus.records.length, 0);
});

test('a store that fails or is slow does not stop anything', async (t) => {
  let asked = 0;
  const failing = createSubject({ knownIds: async () => (asked++, Promise.reject(new Error('down'))) });
  for (let n = 0; n < 20; n++)
    assert.equal((await failing.ingest.acceptOne({ id: `tx-${n}`, status: 'approved' }, CONTEXT)).kind, 'accepted');
  assert.equal(asked, 5, 'after five failures it is left alone');

  t.mock.timers.enable({ apis: ['setTimeout'] });
  const slow = createSubject({ knownIds: () => new Promise(() => undefined) });
  const outcome = slow.ingest.acceptMany([{ id: 'tx', status: 'approved' }], CONTEXT);
  await nextTurn();
  t.mock.timers.tick(101);
  assert.equal((await outcome)[0]?.kind, 'accepted');
});

test('an id that the store does not answer for is accepted as not checked, and known again when it answers', async () => {
  let store: KnownAnswer | null = null;
  const knownIds = async () => store ?? Promise.reject(new Error('down'));
  const { ingest, bus } = createSubject({ knownIds, lookupPauseMs: 0 });
  const item = { id: 'tx-1', status: 'approved' };
  assert.deepEqual(await ingest.acceptOne(item, CONTEXT), { kind: 'accepted', id: 'tx-1', checked: false });
  assert.deepEqual(await ingest.acceptOne(item, CONTEXT), { kind: 'duplicate', id: 'tx-1', checked: false });
  const other = await ingest.acceptOne({ ...item, status: 'denied' }, CONTEXT);
  assert.deepEqual(other, { kind: 'accepted', id: 'tx-1', checked: false }, 'nobody knows which of them the store has');
  store = whole([]);
  assert.deepEqual(await ingest.acceptOne({ id: 'tx-2', status: 'approved' }, CONTEXT), { kind: 'accepted', id: 'tx-2' });
  const first = bus.records[0];
  store = whole([['tx-1', first?.kind === 'transaction' ? first.content_hash : '']]);
  assert.deepEqual(await ingest.acceptOne(item, CONTEXT), { kind: 'duplicate', id: 'tx-1' });
  const conflict = await ingest.acceptOne({ ...item, status: 'denied' }, CONTEXT);
  assert.equal(conflict.kind === 'refused' && conflict.code, 'INGEST_CONFLICT');
});

test('the same id with other content in one moment: one is accepted, the others are reported', async () => {
  const { ingest, bus } = createSubject({ knownIds: () => new Promise(() => undefined), lookupTimeoutMs: 20 });
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, async (_, n) => ingest.acceptOne({ id: 'tx-1', status: 'approved', amount: n % 4 }, CONTEXT)),
  );
  const kinds = outcomes.map(({ kind }) => kind);
  assert.equal(kinds.filter((kind) => kind === 'accepted').length, 1);
  assert.equal(kinds.filter((kind) => kind === 'duplicate').length, 9);
  assert.equal(kinds.filter((kind) => kind === 'refused').length, 30);
  assert.equal(bus.records.length, 1);
});

test('an identifier is one whatever its encoding of Unicode, and joiners stay', async () => {
  const { ingest, bus } = createSubject();
  const padaria = 'Padaria S\u00e3o Jo\u00e3o';
  for (const [id, merchant_id] of [
    ['caf\u00e9', padaria],
    ['cafe\u0301', padaria.normalize('NFD')],
    ['3', '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645'],
  ])
    await ingest.acceptOne({ id, status: 'approved', merchant_id }, CONTEXT);
  const kept = bus.records.map((record) => (record.kind === 'transaction' ? record.merchant_id : ''));
  assert.deepEqual(kept, [padaria, '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645'], 'the second is a repeat of the first');
});

test('above the limit of waiting records new ones are refused whole', async () => {
  const { ingest, bus } = createSubject({ maxPendingRecords: 3 });
  const gate = Promise.withResolvers<void>();
  bus.before = () => gate.promise;
  const first = ingest.acceptMany([{ status: 'approved' }, { status: 'approved' }], CONTEXT);
  await assert.rejects(
    ingest.acceptMany([{ status: 'approved' }, { status: 'approved' }], CONTEXT),
    (error) => isGuardianError(error, 'INGEST_OVERLOADED') && error.retryable,
  );
  gate.resolve();
  await first;
  assert.equal(ingest.pending, 0);
  assert.equal(bus.records.length, 2);
});

test('a bus that does not answer in time is reported as unavailable', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { ingest, bus } = createSubject();
  bus.before = () => new Promise(() => undefined);
  const outcome = ingest.acceptMany([{ status: 'approved' }], CONTEXT);
  await nextTurn();
  // A wait in slices: each has a timer of its own.
  for (let slice = 0; slice < 5; slice += 1) t.mock.timers.tick(3001);
  await assert.rejects(outcome, (error) => isGuardianError(error, 'BUS_UNAVAILABLE'));
});

test('a heartbeat is written with its time and source', async () => {
  const { ingest, bus } = createSubject();
  await ingest.heartbeat('2026-11-22T11:59:00Z', CONTEXT);
  assert.deepEqual(bus.records[0], {
    v: 1,
    kind: 'heartbeat',
    occurred_at: NOW - 60_000,
    ingested_at: NOW,
    source: 'test',
    backfill: false,
  });
  assert.equal((await ingest.heartbeat('yesterday', CONTEXT)).kind, 'refused');
});

test('calls of one upload reach the log in order, although the store answers the first one last', async () => {
  const slow = Promise.withResolvers<KnownAnswer>();
  const { ingest, bus } = createSubject({ knownIds: async (ids) => (ids.includes('first') ? slow.promise : whole([])) });
  const order = createOrder();
  const calls = [
    ingest.acceptMany([{ id: 'first', status: 'approved' }], CONTEXT, order),
    ingest.acceptMany([{ id: 'second', status: 'approved' }], CONTEXT, order),
  ];
  await nextTurn();
  slow.resolve(whole([]));
  await Promise.all(calls);
  assert.deepEqual(
    bus.records.map((record) => (record.kind === 'transaction' ? record.id : record.kind)),
    ['first', 'second'],
  );
});

test('an id that may be on the log from before the start is accepted as not checked until that is counted', async () => {
  let isCounted = false;
  const knownIds = async () => ({ ...whole(isCounted ? [['tx-9', 'another content']] : []), isWhole: isCounted });
  const { ingest } = createSubject({ knownIds });
  const item = { id: 'tx-1', status: 'approved' };
  assert.deepEqual(await ingest.acceptOne(item, CONTEXT), { kind: 'accepted', id: 'tx-1', checked: false });
  isCounted = true;
  assert.deepEqual(await ingest.acceptOne({ ...item, id: 'tx-2' }, CONTEXT), { kind: 'accepted', id: 'tx-2' });
  assert.equal((await ingest.acceptOne({ ...item, id: 'tx-9' }, CONTEXT)).kind, 'refused');
});

test('an id that memory has forgotten before it was counted is accepted as not checked', async () => {
  const counted = new Map<string, string>();
  let isWhole = true;
  const { ingest, bus } = createSubject({ knownIds: async () => ({ known: counted, isWhole }), recentIds: 4 });
  const send = (id: string, status = 'approved') => ingest.acceptOne({ id, status }, CONTEXT);
  for (let n = 0; n < 5; n += 1) assert.deepEqual(await send(`tx-${n}`), { kind: 'accepted', id: `tx-${n}` });
  // The counting is further behind than memory reaches.
  isWhole = false;
  assert.deepEqual(await send('tx-0', 'denied'), { kind: 'accepted', id: 'tx-0', checked: false });
  assert.deepEqual(await send('tx-0', 'denied'), { kind: 'duplicate', id: 'tx-0', checked: false }, 'nobody is sure yet');
  assert.deepEqual(await send('tx-0', 'denied'), { kind: 'duplicate', id: 'tx-0', checked: false }, 'nor after a repeat');
  assert.deepEqual(await send('tx-4'), { kind: 'duplicate', id: 'tx-4' }, 'what memory has is checked');
  for (const record of bus.records)
    if (record.kind === 'transaction' && !counted.has(record.id)) counted.set(record.id, record.content_hash);
  isWhole = true;
  assert.equal((await send('tx-1')).kind, 'duplicate');
});

test('only the program itself sends transactions of its own merchant, and no metric counts them', async () => {
  const metrics = new Registry();
  const { ingest, bus } = createSubject({ metrics });
  await ingest.canary();
  assert.deepEqual(
    bus.records.map(({ occurred_at, source }) => [occurred_at, source]),
    [[NOW, 'canary']],
  );
  const { values } = (await metrics.getSingleMetric('guardian_ingest_records_total')?.get()) ?? { values: [] };
  assert.deepEqual([...new Set(values.map(({ value }) => value))], [0]);
  const outcome = await ingest.acceptOne({ status: 'approved', merchant_id: 'guardian-canary' }, CONTEXT);
  assert.equal(outcome.kind, 'refused');
  assert.equal(bus.records.length, 1);
});
