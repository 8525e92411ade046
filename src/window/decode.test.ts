import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BusRecord } from '../bus/bus.ts';
import { createDecoder, type ForeignReader } from './decode.ts';
import { at, heartbeat, onBus, transaction } from './test-records.ts';

const decodeBatch = (records: readonly BusRecord[], foreign?: ForeignReader) => createDecoder(foreign)(records, 0);

test('a clean batch is read whole, in order, with its text unchanged', () => {
  const records = [transaction(at(0), { merchant_id: 'ação' }), heartbeat(at(0)), transaction(at(1), { status: '', auth_code: '51' })];
  const decoded = decodeBatch(onBus(records));
  assert.deepEqual(JSON.parse(JSON.stringify(decoded.records)), records);
  assert.deepEqual(JSON.parse(decoded.json()), records);
  assert.equal(decoded.transactions, 2);
  assert.deepEqual(decoded.bad, []);
});

test('bad records are set apart with field and rule, the others go on', () => {
  const good = [transaction(at(0)), transaction(at(1))];
  const broken = [
    ['{"v":1', /not JSON/],
    ['', /not JSON/],
    ['[]', /must be an object/],
    ['null', /must be an object/],
    [JSON.stringify({ ...good[0], v: 2 }), /^v: /],
    [JSON.stringify({ ...good[0], kind: 'other' }), /^kind: /],
    [JSON.stringify({ ...good[0], occurred_at: '2026' }), /^occurred_at: /],
    [JSON.stringify({ ...good[0], ingested_at: 1.5 }), /^ingested_at: /],
    [JSON.stringify({ ...good[0], status: 'lost' }), /^status: /],
    [JSON.stringify({ ...good[0], count: -1 }), /^count: /],
    [JSON.stringify({ ...good[0], count: 1.5 }), /^count: /],
    [JSON.stringify({ ...good[0], amount: '12' }), /^amount: /],
    [JSON.stringify({ ...good[0], merchant_id: 7 }), /^merchant_id: /],
    [JSON.stringify({ ...good[0], id: '' }), /^id: /],
    [JSON.stringify({ ...good[0], backfill: 'no' }), /^backfill: /],
  ] as const;
  const decoded = decodeBatch(onBus([good[0] ?? '', ...broken.map(([text]) => text), good[1] ?? '']));
  assert.deepEqual(JSON.parse(JSON.stringify(decoded.records)), good);
  assert.deepEqual(
    decoded.sources.map(({ offset }) => offset),
    [0, broken.length + 1],
  );
  assert.deepEqual(JSON.parse(decoded.json()), good);
  assert.equal(decoded.bad.length, broken.length);
  for (const [index, [, rule]] of broken.entries()) assert.match(decoded.bad[index]?.reason ?? '', rule);
});

test('a reason does not repeat what was sent', () => {
  const [bad] = decodeBatch(onBus(['{"card": 4111111111111111 oops'])).bad;
  assert.match(bad?.reason ?? '', /not JSON/);
  assert.doesNotMatch(bad?.reason ?? '', /4111/);
});

test('two halves of a record are not taken for one', () => {
  const text = JSON.stringify(transaction(at(0)));
  const decoded = decodeBatch(onBus([text.slice(0, 30), text.slice(31), JSON.stringify(transaction(at(0)))]));
  assert.equal(decoded.records.length, 1);
  assert.equal(decoded.bad.length, 2);
});

test('a record without our stamps is stamped, in its place, and one that breaks a rule is set apart masked', () => {
  const ours = transaction(at(0));
  const stamped = transaction(at(1), { id: 'foreign' });
  const foreign = {
    stamp: (value: object) => ('status' in value ? Buffer.from(JSON.stringify(stamped)) : 'status: must be set'),
    mask: (record: BusRecord) => ({ ...record, key: 'masked' }),
  };
  const decoded = decodeBatch(onBus([ours, '{"status":"approved"}', '{"merchant_id":"m"}']), foreign);
  assert.deepEqual(JSON.parse(JSON.stringify(decoded.records)), [ours, stamped]);
  assert.deepEqual(JSON.parse(decoded.json()), [ours, stamped]);
  assert.deepEqual(
    decoded.bad.map(({ record, reason }) => [record.key, reason]),
    [['masked', 'status: must be set']],
  );
});
