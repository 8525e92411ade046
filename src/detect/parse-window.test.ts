import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWindow } from './parse-window.ts';
import { windowOf } from './test-detector.ts';

const reasonOf = (value: unknown): string => {
  const parsed = parseWindow(Buffer.from(JSON.stringify(value)));
  return parsed.kind === 'invalid' ? parsed.reason : 'right';
};

test('a window is read as it was written', () => {
  const window = windowOf(3, 7);
  assert.deepEqual(parseWindow(Buffer.from(JSON.stringify(window))), { kind: 'window', window });
});

test('each broken rule is named with its field', () => {
  const window = windowOf(3, 7);
  assert.match(reasonOf(null), /^\(body\)/);
  assert.match(reasonOf({ ...window, v: 2 }), /^v:/);
  assert.match(reasonOf({ ...window, sequence: -1 }), /^sequence:/);
  assert.match(reasonOf({ ...window, minute: window.minute + 1 }), /^minute:/);
  assert.match(reasonOf({ ...window, revision: 0.5 }), /^revision:/);
  assert.match(reasonOf({ ...window, state: 'late' }), /^state:/);
  assert.match(reasonOf({ ...window, cells: {} }), /^cells:/);
  assert.match(reasonOf({ ...window, cells: [...window.cells, { count: -1 }] }), /^cells\[1\]:/);
  assert.equal(parseWindow(new Uint8Array([0xff, 0x00])).kind, 'invalid');
});
