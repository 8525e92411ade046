import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cachedDates } from './holiday-cache.ts';

const BRAZIL = { country: 'BR', types: ['public' as const] };

test('a calendar is worked out once, and again when it is another one or its file is not whole', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-holidays-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  let computed = 0;
  const compute = (date: string) => () => {
    computed += 1;
    return [date];
  };
  assert.deepEqual(cachedDates(dir, BRAZIL, compute('2026-12-25')), ['2026-12-25']);
  assert.deepEqual(cachedDates(dir, BRAZIL, compute('never')), ['2026-12-25']);
  assert.equal(computed, 1);
  assert.deepEqual(cachedDates(dir, { ...BRAZIL, region: 'SP' }, compute('2026-07-09')), ['2026-07-09']);
  assert.deepEqual(cachedDates(dir, BRAZIL, compute('2026-12-25')), ['2026-12-25']);

  const file = join(dir, 'holidays.json');
  const whole = readFileSync(file, 'utf8');
  for (const broken of ['', whole.slice(0, -5), whole.replace('2026-12-25', '<script>'), '{"key":1}', 'null']) {
    writeFileSync(file, broken);
    assert.deepEqual(cachedDates(dir, BRAZIL, compute('2026-12-26')), ['2026-12-26'], broken);
    writeFileSync(file, whole);
  }
  assert.deepEqual(cachedDates(join(dir, 'absent'), BRAZIL, compute('2026-12-27')), ['2026-12-27']);
});

test('a calendar that does not exist leaves no file', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-holidays-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const fail = () => {
    throw new Error('no such country');
  };
  assert.throws(() => cachedDates(dir, { country: 'XX', types: [] }, fail), /no such country/);
  assert.deepEqual(
    cachedDates(dir, { country: 'XX', types: [] }, () => ['2026-01-01']),
    ['2026-01-01'],
  );
});
