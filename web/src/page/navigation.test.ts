import { ROLES } from '@transaction-guardian/contracts/role.ts';
import { isTextKey } from '@transaction-guardian/contracts/text/console-text.ts';
import { expect, test } from 'vitest';
import { mayAct, openPages, PAGES, pageTitle } from './navigation.ts';
import { routeOf } from './route.ts';

const pagesOf = (role: Parameters<typeof openPages>[0]) => openPages(role).map(({ page }) => page);

test('only an admin is offered the audit, and nobody before the role is known', () => {
  expect(ROLES.filter((role) => pagesOf(role).includes('audit'))).toEqual(['admin']);
  expect(pagesOf(null)).not.toContain('audit');
  expect(pagesOf('viewer')).toContain('alerts');
});

test('a viewer acts on nothing', () => {
  expect(ROLES.filter(mayAct)).toEqual(['operator', 'approver', 'admin']);
});

test('every page but the overview has a title of its own', () => {
  const titles = [
    '/alerts',
    '/alerts/an_1',
    '/silences',
    '/incidents',
    '/incidents/inc-1',
    '/runbooks',
    '/runbooks/clear-cache/run',
    '/runs/r1',
  ]
    .concat(['/oncall', '/shifts', '/shifts/now', '/audit', '/settings', '/nowhere'])
    .map((pathname) => pageTitle(routeOf({ pathname, hash: '' })));
  for (const title of titles) expect(title !== null && isTextKey(title.name)).toBe(true);
  expect(pageTitle({ page: 'incident', id: 'inc-1', section: 'overview' })).toEqual({ name: 'console.page.incidents', thing: 'inc-1' });
  expect(pageTitle({ page: 'overview' })).toBeNull();
});

test('five pages stand in the bar, which a phone has room for', () => {
  expect(PAGES.filter(({ place }) => place === 'bar')).toHaveLength(5);
});
