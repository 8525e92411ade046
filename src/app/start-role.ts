import type { ProcessRole } from './roles.ts';
import type { StartRole } from './running-role.ts';
import { isShared } from './is-shared.ts';

/** The entry of each role; a process loads only its own. */
const ENTRIES: Readonly<Record<ProcessRole, () => Promise<{ readonly start: StartRole }>>> = {
  all: () => import('./role/all.ts'),
  data: () => import('./role/data.ts'),
  api: () => import('./role/api.ts'),
  window: () => import('./role/window.ts'),
  detect: () => import('./role/detect.ts'),
  alert: () => import('./role/alert.ts'),
};

/** Starts this process in a role. Throws what the start of the role throws. */
export async function startRole(role: ProcessRole, ...args: Parameters<StartRole>): ReturnType<StartRole> {
  if (isShared(args[0])) {
    const { startShared } = await import('./role/start-shared.ts');
    return startShared(role, ...args);
  }
  const { start } = await ENTRIES[role]();
  return start(...args);
}
