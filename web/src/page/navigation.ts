import type { Role } from '@transaction-guardian/contracts/role.ts';
import type { ConsoleTextKey } from '@transaction-guardian/contracts/text/console-text.ts';
import type { ConsoleRoute } from './route.ts';

type PageName = ConsoleRoute['page'];

/** A page of the navigation. */
export interface NavigationPage {
  readonly page: 'overview' | 'alerts' | 'incidents' | 'runbooks' | 'oncall' | 'silences' | 'shifts' | 'audit' | 'settings';
  readonly name: ConsoleTextKey;
  /** Pages that belong to it. */
  readonly holds: readonly PageName[];
  /** `bar`: always in sight; `menu`: behind one button. */
  readonly place: 'bar' | 'menu';
}

/** The pages of the navigation, in order: what the night needs stands in the bar. */
export const PAGES: readonly NavigationPage[] = [
  { page: 'overview', name: 'console.page.overview', holds: ['anomaly'], place: 'bar' },
  { page: 'alerts', name: 'console.alerts.title', holds: ['alert'], place: 'bar' },
  { page: 'incidents', name: 'console.page.incidents', holds: ['incident'], place: 'bar' },
  { page: 'runbooks', name: 'console.page.runbooks', holds: ['runbook', 'run'], place: 'bar' },
  { page: 'oncall', name: 'console.page.oncall', holds: [], place: 'bar' },
  { page: 'silences', name: 'console.silences.nav', holds: [], place: 'menu' },
  { page: 'shifts', name: 'console.page.shifts', holds: ['shift'], place: 'menu' },
  { page: 'audit', name: 'console.page.audit', holds: [], place: 'menu' },
  { page: 'settings', name: 'console.page.settings', holds: [], place: 'menu' },
];

/** Whether the shown page is this one, or belongs to it. */
export const isWithin = ({ page, holds }: NavigationPage, shown: PageName): boolean => page === shown || holds.includes(shown);

/** Whether somebody with this role may open a page; null: not known yet, so that nothing is offered that may be refused. */
export const mayOpen = (page: PageName, role: Role | null): boolean => page !== 'audit' || role === 'admin';

/** The pages that this role may open. */
export const openPages = (role: Role | null): readonly NavigationPage[] => PAGES.filter(({ page }) => mayOpen(page, role));

/** Whether this role may act on alerts; the server decides while it is not known. */
export const mayAct = (role: Role | null): boolean => role !== 'viewer';

/** What the title of the tab says about a page: its name, and which of its things; null for the overview, which is the product itself. */
export function pageTitle(route: ConsoleRoute): { readonly name: ConsoleTextKey; readonly thing: string | null } | null {
  if (route.page === 'overview') return null;
  if (route.page === 'anomaly') return { name: 'console.alerts.anomaly', thing: null };
  if (route.page === 'unknown') return { name: 'console.page.unknown_title', thing: null };
  const name = PAGES.find((page) => isWithin(page, route.page))?.name ?? 'console.page.overview';
  const thing = route.page === 'runbook' ? route.name : route.page === 'incident' || route.page === 'run' ? route.id : null;
  return { name, thing };
}
