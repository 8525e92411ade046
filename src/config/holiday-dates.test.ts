import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { loadConfig } from './config-load.ts';
import { detectorFactory } from '../app/detector-factory.ts';
import { holidayDates } from './holiday-dates.ts';

const load = (flags: Readonly<Record<string, string>>) => loadConfig({ env: {}, cwd: import.meta.dirname, flags });
const datesOf = (year: string, flags: Readonly<Record<string, string>> = {}) =>
  holidayDates(load(flags).config.detect.holidays).filter((date) => date.startsWith(year));

suite('the calendar of holidays', () => {
  test('by default that of Brazil, with Carnival, Ash Wednesday and Corpus Christi', () => {
    assert.deepEqual(datesOf('2025'), [
      ...['2025-01-01', '2025-03-01', '2025-03-02', '2025-03-03', '2025-03-04', '2025-03-05', '2025-04-18', '2025-04-21', '2025-05-01'],
      ...['2025-06-19', '2025-09-07', '2025-10-12', '2025-11-02', '2025-11-15', '2025-11-20', '2025-12-25'],
    ]);
  });

  test('Consciousness Day is national from 2024 on', () => {
    assert.ok(!datesOf('2023').includes('2023-11-20'));
    assert.ok(datesOf('2024').includes('2024-11-20'));
  });

  test('the holidays of a state, and own dates, come on top', () => {
    const more = datesOf('2026', { 'detect.holidays.region': 'SP', 'detect.holidays.dates': '[2026-01-25]' });
    assert.deepEqual(
      more.filter((date) => !datesOf('2026').includes(date)),
      ['2026-01-25', '2026-07-09'],
    );
  });

  test('another country, and none', () => {
    assert.ok(datesOf('2026', { 'detect.holidays.country': 'US' }).includes('2026-11-26'));
    assert.deepEqual(datesOf('2026', { 'detect.holidays.country': 'none', 'detect.holidays.dates': '[2026-11-22]' }), ['2026-11-22']);
  });

  test('a calendar that does not exist is refused by its name', () => {
    assert.throws(() => datesOf('2026', { 'detect.holidays.country': 'XX' }), { code: 'CONFIG_INVALID', message: /country is XX.* BR,/ });
    assert.throws(() => datesOf('2026', { 'detect.holidays.region': 'XX' }), { code: 'CONFIG_INVALID', message: /region is XX.* SP,/ });
    assert.equal(load({ 'detect.holidays.dates': '[2026-13-01]' }).problems[0]?.setting, 'detect.holidays.dates');
  });

  test('a state that was learnt with another calendar is not used', () => {
    const hashOf = (flags: Readonly<Record<string, string>>) => detectorFactory(load(flags).config).configHash;
    assert.notEqual(hashOf({ 'detect.holidays.region': 'SP' }), hashOf({}));
    assert.equal(hashOf({ 'detect.holidays.dates': '[2026-09-07]' }), hashOf({}));
  });
});
