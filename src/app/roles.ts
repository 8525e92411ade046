import { GuardianError } from '../errors.ts';

/** What a process may be. */
export const ROLE_NAMES = ['all', 'data', 'api', 'window', 'detect', 'alert'] as const;
export type ProcessRole = (typeof ROLE_NAMES)[number];

/** The stages behind the log, from the last reader to the first: they start in this order and stop in the other. */
export const STAGE_NAMES = [
  'relay',
  'briefing',
  'incident',
  'proof',
  'alertmanager',
  'alert',
  'detect',
  'window',
  'upkeep',
  'size',
  'watch',
] as const;
export type StageName = (typeof STAGE_NAMES)[number];

/** How a process comes to log and database. `own`: it opens them, for itself alone; `serve`: it opens them, for itself and at
 *  sockets for others; `link`: it asks the process that serves them. */
export type EngineUse = 'own' | 'serve' | 'link';

export interface RoleSpec {
  readonly stages: readonly StageName[];
  readonly engines: EngineUse;
  /** Whether it has the API and the console. */
  readonly http: boolean;
}

/** Which stages a role runs, on which engines. */
export const ROLE_SPECS: Readonly<Record<ProcessRole, RoleSpec>> = {
  all: { stages: STAGE_NAMES, engines: 'own', http: true },
  data: { stages: ['relay', 'upkeep', 'size'], engines: 'serve', http: false },
  api: { stages: [], engines: 'link', http: true },
  window: { stages: ['window'], engines: 'link', http: false },
  detect: { stages: ['detect', 'watch'], engines: 'link', http: false },
  alert: { stages: ['alert', 'alertmanager', 'proof', 'incident', 'briefing'], engines: 'link', http: false },
};

/** Roles that must all be there where one process does not run everything. */
export const SPLIT_ROLES: readonly ProcessRole[] = ROLE_NAMES.filter((role) => role !== 'all');

/** Reads the name of a role. Throws APP_ROLE for an unknown one (`role_unknown`), and for several (`role_several`). */
export function parseRole(text: string): ProcessRole {
  const known = ROLE_NAMES.find((role) => role === text);
  if (known !== undefined) return known;
  if (/[,+\s]/.test(text)) {
    throw refusal('role_several', { role: text }, `A process has one role, not "${text}": start a process for each, or one with "all".`);
  }
  const allowed = ROLE_NAMES.join(', ');
  throw refusal('role_unknown', { role: text, allowed }, `There is no role "${text}"; roles: ${allowed}.`);
}

/** Throws APP_ROLE for what a role cannot do: a demonstration fills an empty data directory of its own (`role_demo`), and only a role
 *  with the API has a port (`role_port`). */
export function checkRole(role: ProcessRole, asked: { readonly demo: boolean; readonly port: boolean }): void {
  if (asked.demo && role !== 'all') throw refusal('role_demo', { role }, `A demonstration runs in one process: role "all", not "${role}".`);
  if (asked.port && !ROLE_SPECS[role].http) throw refusal('role_port', { role }, `Role "${role}" opens no port; "api" and "all" do.`);
}

function refusal(rule: string, params: Readonly<Record<string, string>>, message: string): GuardianError {
  return new GuardianError('APP_ROLE', message, { rule, params });
}
