import type { EscalationPolicy } from '@transaction-guardian/contracts/escalation.ts';
import type { OnCallSchedule } from '@transaction-guardian/contracts/oncall.ts';
import { isTimeZone } from '../check/is-time-zone.ts';
import type { RuleProblem } from './config-problem.ts';

interface OnCallProblem extends RuleProblem {
  readonly setting: 'oncall.schedules' | 'oncall.escalation' | 'oncall.quiet_hours.from';
}

interface Known {
  readonly people: readonly string[];
  readonly receivers: readonly string[];
}

interface OnCallSettings {
  readonly schedules: readonly OnCallSchedule[];
  readonly escalation: readonly EscalationPolicy[];
  readonly quiet_hours: { readonly from?: string; readonly until?: string };
}

/** What a schema cannot say of on-call: names are somebody's, zones and days exist, steps come one after the other. */
export function onCallProblems({ schedules, escalation, quiet_hours }: OnCallSettings, known: Known): readonly OnCallProblem[] {
  const names = schedules.map(({ name }) => name);
  const isHalf = (quiet_hours.from === undefined) !== (quiet_hours.until === undefined);
  return [
    ...schedules.flatMap((schedule, index) =>
      scheduleProblems(schedule, index, known, names.slice(0, index)).map((problem) => ({
        ...problem,
        setting: 'oncall.schedules' as const,
      })),
    ),
    ...escalation.flatMap((policy, index) =>
      policyProblems(policy, index, { ...known, schedules: names }, escalation.slice(0, index)).map((problem) => ({
        ...problem,
        setting: 'oncall.escalation' as const,
      })),
    ),
    ...(isHalf ? [{ setting: 'oncall.quiet_hours.from' as const, rule: 'from_until' as const }] : []),
  ];
}

function scheduleProblems(
  { name, time_zone, layers }: OnCallSchedule,
  index: number,
  { people }: Known,
  before: readonly string[],
): RuleProblem[] {
  const problems: RuleProblem[] = [];
  if (before.includes(name)) problems.push({ rule: 'schedule_twice', place: `[${index}].name`, value: name });
  if (time_zone !== undefined && !isTimeZone(time_zone))
    problems.push({ rule: 'time_zone', params: { example: 'America/Sao_Paulo' }, place: `[${index}].time_zone`, value: time_zone });
  for (const [at, layer] of layers.entries()) {
    const place = `[${index}].layers[${at}]`;
    problems.push(...unknownNames(layer.people, people, `${place}.people`, 'unknown_person'));
    if (!isDay(layer.starts)) problems.push({ rule: 'day', place: `${place}.starts`, value: layer.starts });
    if ((layer.from === undefined) !== (layer.until === undefined)) problems.push({ rule: 'from_until', place });
  }
  return problems;
}

function policyProblems(
  { severities, steps }: EscalationPolicy,
  index: number,
  known: Known & { readonly schedules: readonly string[] },
  before: readonly EscalationPolicy[],
): RuleProblem[] {
  const twice = severities.filter((severity) => before.some((policy) => policy.severities.includes(severity)));
  return [
    ...twice.map((value): RuleProblem => ({ rule: 'severity_twice', place: `[${index}].severities`, value })),
    ...steps.flatMap((step, at): RuleProblem[] => {
      const place = `[${index}].steps[${at}]`;
      const isLate = at > 0 && step.after_minutes <= (steps[at - 1]?.after_minutes ?? 0);
      return [
        ...unknownNames(step.receivers, known.receivers, `${place}.receivers`, 'unknown_receiver'),
        ...unknownNames(step.schedules, known.schedules, `${place}.schedules`, 'unknown_schedule'),
        ...unknownNames(step.people, known.people, `${place}.people`, 'unknown_person'),
        ...(step.receivers.length === 0 ? [{ rule: 'no_receiver', place } as const] : []),
        ...(isLate ? [{ rule: 'step_order', place: `${place}.after_minutes`, value: String(step.after_minutes) } as const] : []),
      ];
    }),
  ];
}

function unknownNames(
  wanted: readonly string[],
  known: readonly string[],
  place: string,
  rule: 'unknown_person' | 'unknown_receiver' | 'unknown_schedule',
): RuleProblem[] {
  const names = known.join(', ') || '-';
  return wanted.filter((name) => !known.includes(name)).map((value) => ({ rule, params: { names }, place, value }));
}

/** Whether a date is one of the calendar: 30 February is none. */
function isDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}
