import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadConfig } from '../config/config-load.ts';
import { eventTimes } from '../app/event-times.ts';
import { createValidator } from '../ingest/validate.ts';
import { checkAges, satisfies } from './doctor-checks.ts';

describe('versions of Node against the range of package.json', () => {
  const range = '>=24.16 <25 || >=26.1';
  const rows: readonly [string, boolean][] = [
    ['20.20.2', false],
    ['24.15.9', false],
    ['24.16.0', true],
    ['24.21.0', true],
    ['25.3.0', false],
    ['26.0.9', false],
    ['26.1.0', true],
    ['27.0.0', true],
  ];
  for (const [version, expected] of rows) test(version, () => assert.equal(satisfies(version, range), expected));
});

test('events that may be older than their counts are kept are reported, and refused by the shorter of the two', () => {
  const configOf = (flags: Record<string, string>) => loadConfig({ env: {}, cwd: import.meta.dirname, flags }).config;
  const cli = { say: (key: string) => key };
  assert.equal(checkAges(cli, configOf({})).warning, undefined, 'the defaults agree');
  const short = configOf({ 'store.count_retention_days': '90' });
  assert.equal(checkAges(cli, short).warning, true);
  const { maxAgeMs, ageSetting } = eventTimes(short);
  assert.deepEqual([maxAgeMs, ageSetting], [90 * 86_400_000, 'store.count_retention_days']);
  const now = Date.UTC(2026, 10, 29);
  const daysAgo = (days: number) => ({ status: 'approved', timestamp: new Date(now - days * 86_400_000).toISOString() });
  for (const [flags, setting] of [
    [{ 'store.count_retention_days': '90' }, 'store.count_retention_days'],
    [{ 'ingest.max_age_days': '90' }, 'ingest.max_age_days'],
  ] as const) {
    const validator = createValidator(eventTimes(configOf(flags)));
    assert.equal(validator.validate(daysAgo(89), now).kind, 'valid', setting);
    const refused = validator.validate(daysAgo(91), now);
    assert.deepEqual(
      refused.kind === 'invalid' && refused.findings.map(({ field, rule, params }) => [field, rule, params?.['days'], params?.['setting']]),
      [['timestamp', 'timestamp_too_old', 90, setting]],
    );
  }
});
