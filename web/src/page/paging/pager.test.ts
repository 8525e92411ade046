import { expect, test } from 'vitest';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import { anAlert, anAnomaly } from '../../fixture.ts';
import { createPager } from './pager.ts';

function make() {
  const clock = { at: 0 };
  const timers: { at: number; work: () => void }[] = [];
  const pages: (readonly AlertView[])[] = [];
  const pager = createPager({
    page: (alerts) => void pages.push(alerts),
    now: () => clock.at,
    later(work, ms) {
      const timer = { at: clock.at + ms, work };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  });
  const pass = (ms: number) => {
    clock.at += ms;
    for (const timer of timers.filter(({ at }) => at <= clock.at)) {
      timers.splice(timers.indexOf(timer), 1);
      timer.work();
    }
  };
  return { pager, pass, pages, ids: () => pages.map((alerts) => alerts.map(({ fingerprint }) => fingerprint)) };
}

const critical = (id: string, fields: Partial<AlertView> = {}): AlertView => ({
  ...anAlert(anAnomaly(id)),
  fingerprint: id,
  severity: 'critical',
  ...fields,
});
const ANA = { id: 'ana', name: 'Ana' };

test('an alert that begins pages once; what fires when the page is opened does not', () => {
  const { pager, pass, ids } = make();
  pager.see([], false);
  pager.see([critical('old')], true);
  pass(60_000);
  expect(ids()).toEqual([]);
  pager.see([critical('old'), critical('new')], true);
  pager.see([critical('old'), critical('new')], true);
  pass(2000);
  pass(60_000);
  expect(ids()).toEqual([['new']]);
});

test('the first alert of a quiet night pages, though the page was opened with none', () => {
  const { pager, pass, ids } = make();
  pager.see([], true);
  pager.see([critical('a')], true);
  pass(2000);
  expect(ids()).toEqual([['a']]);
});

test('a storm of 1,000 alerts over ten seconds is two pages', () => {
  const { pager, pass, pages } = make();
  pager.see([], true);
  for (let count = 1; count <= 100; count++) {
    pager.see(
      Array.from({ length: count * 10 }, (_, at) => critical(`a${at}`)),
      true,
    );
    pass(100);
  }
  pass(60_000);
  expect(pages.length).toBe(2);
  expect(pages.flat().length).toBe(1000);
});

test('warnings, and what is acknowledged, snoozed, silenced or a consequence, page nobody', () => {
  const { pager, pass, ids } = make();
  pager.see([], true);
  pager.see(
    [
      critical('warning', { severity: 'warning' }),
      critical('taken', { acknowledged_by: ANA }),
      critical('snoozed', { snoozed_until: '2026-11-28T07:00:00Z' }),
      critical('silenced', { silenced_by: ['s1'] }),
      critical('inhibited', { inhibited_by: ['x'] }),
    ],
    true,
  );
  pass(60_000);
  expect(ids()).toEqual([]);
});

test('an alert that somebody takes before the page went out pages nobody', () => {
  const { pager, pass, ids } = make();
  pager.see([], true);
  pager.see([critical('a')], true);
  pager.see([critical('a', { acknowledged_by: ANA })], true);
  pass(60_000);
  expect(ids()).toEqual([]);
});

test('what becomes critical pages, and what comes back when its acknowledgement ends or it begins anew', () => {
  const { pager, pass, ids } = make();
  pager.see([critical('a', { severity: 'warning' }), critical('b', { acknowledged_by: ANA })], true);
  pager.see([critical('a'), critical('b')], true);
  pass(60_000);
  pager.see([critical('b')], true);
  pager.see([critical('a', { starts_at: '2026-11-28T09:00:00Z' }), critical('b')], true);
  pass(60_000);
  expect(ids()).toEqual([['a', 'b'], ['a']]);
});

test('a page that is closed pages no more', () => {
  const { pager, pass, pages } = make();
  pager.see([], true);
  pager.see([critical('a')], true);
  pager.stop();
  pass(60_000);
  expect(pages).toEqual([]);
});
