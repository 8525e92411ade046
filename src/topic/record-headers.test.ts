import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinTraces, JSON_HEADERS, jsonHeaders, traceOf } from './record-headers.ts';

const ONE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const SAME = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-00';
const OTHER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

test('a trace is continued as it came', () => {
  assert.deepEqual(traceOf({ traceparent: ONE, tracestate: 'vendor=1' }), { traceparent: ONE, tracestate: 'vendor=1' });
  assert.deepEqual(traceOf({ traceparent: ONE, tracestate: ['a=1', 'b=2'] }), { traceparent: ONE, tracestate: 'a=1,b=2' });
  assert.deepEqual(traceOf({ traceparent: `01${ONE.slice(2)}-later` }), { traceparent: `01${ONE.slice(2)}-later` });
});

test('what breaks the grammar starts no trace, and takes its state with it', () => {
  const broken = [
    undefined,
    '',
    'x',
    ONE.toUpperCase(),
    `ff${ONE.slice(2)}`,
    `${ONE}-more`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`,
    `01${ONE.slice(2)}-${'x'.repeat(300)}`,
    `${ONE}\n`,
  ];
  for (const traceparent of broken) assert.equal(traceOf({ traceparent, tracestate: 'a=1' }), undefined, String(traceparent));
  assert.deepEqual(traceOf({ traceparent: ONE, tracestate: 'x'.repeat(513) }), { traceparent: ONE });
});

test('several causes are one trace only when they all belong to it', () => {
  const [one, same, other] = [{ traceparent: ONE }, { traceparent: SAME }, { traceparent: OTHER }];
  assert.deepEqual(joinTraces(joinTraces(undefined, one), same), one);
  assert.equal(joinTraces(one, other), null);
  assert.equal(joinTraces(one, undefined), null);
  assert.equal(joinTraces(joinTraces(undefined, undefined), one), null);
  assert.equal(jsonHeaders(null), JSON_HEADERS);
  assert.deepEqual(jsonHeaders(one), { 'content-type': 'application/json', 'schema-version': '1', traceparent: ONE });
});
