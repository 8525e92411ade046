import { expect, test } from 'vitest';
import { pathOf, routeOf } from './route.ts';

test('every page has an address that leads back to it', () => {
  const routes = [
    { page: 'overview' },
    { page: 'alerts' },
    { page: 'silences' },
    { page: 'anomaly', id: 'an_1' },
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
