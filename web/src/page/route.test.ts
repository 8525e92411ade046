import { expect, test } from 'vitest';
import { pathOf, routeOf } from './route.ts';

test('every page has an address that leads back to it', () => {
  const routes = [
    { page: 'overview' },
    { page: 'alerts' },
    { page: 'silences' },
    { page: 'settings' },
    { page: 'anomaly', id: 'an_1' },
    { page: 'alert', id: 'an_1' },
    { page: 'incidents' },
    { page: 'incident', id: 'inc-1', section: 'overview' },
    { page: 'incident', id: 'inc-1', section: 'postmortem' },
    { page: 'runbooks' },
    { page: 'runbook', name: 'restart-api' },
    { page: 'run', id: 'rn_1' },
    { page: 'oncall' },
    { page: 'shifts' },
    { page: 'shift', id: 'latest' },
    { page: 'audit' },
    { page: 'anomaly', id: 'a/b c' },
    { page: 'unknown', path: '/nothing/here' },
  ] as const;
  for (const route of routes) expect(routeOf({ pathname: pathOf(route), hash: '' })).toEqual(route);
});

test('links of earlier releases, a slash at the end and a broken escape are understood', () => {
  expect(routeOf({ pathname: '/', hash: '#an_1' })).toEqual({ page: 'anomaly', id: 'an_1' });
  expect(routeOf({ pathname: '/', hash: '#anomalies' })).toEqual({ page: 'overview' });
  expect(routeOf({ pathname: '/alerts/', hash: '' })).toEqual({ page: 'alerts' });
  expect(routeOf({ pathname: '/anomalies/%E0', hash: '' })).toEqual({ page: 'anomaly', id: '%E0' });
});

test('what names no page is unknown, also below the address of one', () => {
  for (const pathname of ['/alerts/an_1/x', '/incidents/inc-1/nothing', '/runbooks/no-data', '/audit/1', '/alerts//x'])
    expect(routeOf({ pathname, hash: '' })).toEqual({ page: 'unknown', path: pathname });
});
