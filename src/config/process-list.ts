import { Type } from 'typebox';
import type { RuleProblem } from './config-problem.ts';

/** Roles that the supervisor of `processes` starts, in the order of the data: the later ones ask the first. */
export const SUPERVISED_ROLES = ['data', 'api', 'window', 'detect', 'alert'] as const;
export type SupervisedRole = (typeof SUPERVISED_ROLES)[number];

/** How many processes of a role. */
export interface ProcessCount {
  readonly role: SupervisedRole;
  readonly count: number;
}

/** `window=4`; of the other roles one process is enough for a machine. */
export const ProcessesSchema = Type.Array(
  Type.String({ pattern: '^(data|api|detect|alert|window(=[1-9][0-9]?)?)$', examples: ['window=4'] }),
  {
    default: [],
    description:
      'Processes that `guardian up` starts and keeps running on this machine, one for each role: `[data, api, window=4, detect, alert]`; four workers count. Empty: everything in one process.',
  },
);

/** Reads the setting `processes`, in the order of a start. */
export function readProcesses(list: readonly string[]): readonly ProcessCount[] {
  const counts = new Map(list.map((entry) => entry.split('=')).map(([role, count = '1']) => [role, Number(count)]));
  return SUPERVISED_ROLES.flatMap((role) => {
    const count = counts.get(role);
    return count === undefined ? [] : [{ role, count }];
  });
}

/** What the pattern cannot say of the setting: each role stands there once. */
export function processProblems(value: unknown): readonly RuleProblem[] {
  if (!Array.isArray(value)) return [];
  const roles = value.map((entry: unknown) => String(entry).split('=')[0] ?? '');
  return roles.flatMap((role, index) =>
    roles.indexOf(role) === index ? [] : [{ rule: 'process_twice', place: `[${index}]`, value: role } satisfies RuleProblem],
  );
}

/** A worker counts at least one partition: one above their number would wait for ever. */
export function workerProblem(list: readonly string[], partitions: number): RuleProblem | null {
  const workers = readProcesses(list).find(({ role }) => role === 'window')?.count ?? 0;
  return workers <= partitions
    ? null
    : { rule: 'process_partitions', params: { partitions: String(partitions) }, value: `window=${workers}` };
}
