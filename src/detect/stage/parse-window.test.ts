import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWindow } from './parse-window.ts';
import { windowText } from '../../topic/window-message.ts';
import { createTestDetector, TEST_START, windowOf } from '../engine/test-detector.ts';
import { noticeOf } from '../feedback/test-notice.ts';

const reasonOf = (value: unknown): string => {
  const parsed = parseWindow(Buffer.from(JSON.stringify(value)));
  return parsed.kind === 'invalid' ? parsed.reason : 'right';
};

test('a window is read as it was written', () => {
  const window = windowOf(3, 7);
  assert.deepEqual(parseWindow(Buffer.from(JSON.stringify(window))), { kind: 'window', window });
});

test('a verdict of a person is told from a window, and its broken rules are named', () => {
  const [event] = createTestDetector({}, null).step(windowOf(0, 0)).events;
  assert.ok(event);
  const notice = noticeOf(7, TEST_START, 'noise', event.anomaly);
  assert.deepEqual(parseWindow(Buffer.from(JSON.stringify(notice))), { kind: 'feedback', notice });
  assert.match(reasonOf({ ...notice, number: -1 }), /^number:/);
  assert.match(reasonOf({ ...notice, minute: 1 }), /^minute:/);
  assert.match(reasonOf({ ...notice, ends: ['7'] }), /^ends:/);
  assert.match(reasonOf({ ...notice, given: { ...notice.given, verdict: 'maybe' } }), /^given:/);
});

test('each broken rule is named with its field', () => {
  const window = windowOf(3, 7);
  assert.match(reasonOf(null), /^\(body\)/);
  assert.match(reasonOf({ ...window, v: 3 }), /^v:/);
  assert.match(reasonOf({ ...window, sequence: -1 }), /^sequence:/);
  assert.match(reasonOf({ ...window, minute: window.minute + 1 }), /^minute:/);
  assert.match(reasonOf({ ...window, revision: 0.5 }), /^revision:/);
  assert.match(reasonOf({ ...window, state: 'late' }), /^state:/);
  assert.match(reasonOf({ ...window, cells: {} }), /^cells:/);
  assert.match(reasonOf({ ...window, cells: [...window.cells, { count: -1 }] }), /^cells\[1\]:/);
  assert.match(reasonOf({ ...window, partial: 1 }), /^partial:/);
  assert.match(reasonOf({ ...window, v: 2, cells: 'H4sIAAAAAAAAA' }), /^cells: cannot be unpacked/);
  assert.equal(parseWindow(new Uint8Array([0xff, 0x00])).kind, 'invalid');
  assert.match(reasonOf({ v: 1, kind: 'canary', sent_at: 'noon' }), /^sent_at:/);
  assert.equal(reasonOf({ v: 1, kind: 'canary', sent_at: 1_772_366_400_000 }), 'right');
});

test('a window of very many cells is packed on its way and read as it was', () => {
  const statuses = ['approved', 'denied', ''] as const;
  const cells = Array.from({ length: 20_000 }, (_, index) => ({
    status: statuses[index % 3] ?? '',
    auth_code: index % 3 === 0 ? '00' : '51',
    merchant_id: `m-${Math.floor(index / 3)}`,
    acquirer: `acq-${index % 2}`,
    count: 1 + (index % 90),
    amount: (index * 37) / 100,
  }));
  const window = windowOf(3, 7, { cells, partial: true, revision: 2 });
  const text = windowText(window);
  assert.ok(text.length < 10 * cells.length, `${text.length} bytes`);
  assert.deepEqual(parseWindow(Buffer.from(text)), { kind: 'window', window });
});
