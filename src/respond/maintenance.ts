import { randomUUID } from 'node:crypto';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Maintenance, OnceSchedule, WeeklySchedule } from '@transaction-guardian/contracts/silence.ts';
import { nextOccurrence } from '../alert/silence/occurrence.ts';
import type { BrokenRule } from '../check/finding.ts';
import type { Sql } from '../store/database.ts';
import {
  listMaintenance,
  takeMaintenance,
  writeMaintenance,
  type MaintenanceRow,
  type Schedule,
} from '../store/verbs/maintenance/maintenance-windows.ts';
import { listSilences, writeSilence } from '../store/verbs/silence/silences.ts';
import { actOnAlerts, personOf, type RespondDeps } from './act.ts';
import { checkMatchers } from './scope.ts';
import { endedNow, periodFindings } from './silence.ts';

export interface NewMaintenance {
  readonly name: string;
  readonly matchers: readonly string[];
  /** The worst severity that it hides; default `critical`. */
  readonly maxSeverity?: Severity | undefined;
  /** `weekly` without a zone: that of the configuration. */
  readonly schedule: { readonly once: OnceSchedule } | { readonly weekly: WeeklySchedule };
}

/** `invalid`: the fields and the rules that they break. `ended`: it had ended before. */
export type MaintenanceOutcome =
  | { readonly kind: 'done'; readonly maintenance: Maintenance }
  | { readonly kind: 'invalid'; readonly findings: readonly BrokenRule[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'ended' };

/** Ended windows that the list still shows. */
const ENDED_MOST = 50;

/** Plans a maintenance window. Each occurrence becomes a silence of its own, which ends and says what it hid. One that is under way
 *  begins at once. */
export function createMaintenance(deps: RespondDeps, actor: Actor, input: NewMaintenance): Promise<MaintenanceOutcome> {
  const schedule: Schedule = 'once' in input.schedule ? input.schedule : { weekly: { time_zone: deps.timeZone, ...input.schedule.weekly } };
  const { name, matchers, maxSeverity = 'critical' } = input;
  const id = `mw_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  return actOnAlerts<MaintenanceOutcome>(
    deps,
    { actor, verb: 'maintenance.create', args: { name, matchers, max_severity: maxSeverity, ...schedule } },
    async (tx, now) => {
      const checked = checkMatchers(matchers);
      const findings = [...('findings' in checked ? checked.findings : []), ...scheduleFindings(schedule, now)];
      if (findings.length > 0 || 'findings' in checked)
        return { value: { kind: 'invalid', findings }, outcome: { result: 'refused', after: null } };
      const nextAt = nextOccurrence(schedule, now)?.startsAt ?? null;
      const ended = { endedAt: null, endedBy: null };
      const row: MaintenanceRow = { id, name, ...checked, maxSeverity, schedule, by: personOf(actor), createdAt: now, nextAt, ...ended };
      await writeMaintenance(tx, row);
      return { value: { kind: 'done', maintenance: await viewOf(tx, row, now) }, outcome: { result: 'done', after: { id } } };
    },
    (tx, _value, now) => readView(tx, id, now),
  );
}

/** Ends a window for good, also the occurrence that is under way: alerts that still fire notify. */
export function endMaintenance(deps: RespondDeps, actor: Actor, { id }: { readonly id: string }): Promise<MaintenanceOutcome> {
  return actOnAlerts<MaintenanceOutcome>(
    deps,
    { actor, verb: 'maintenance.end', args: { id } },
    async (tx, now) => {
      const before = await takeMaintenance(tx, id);
      if (before === null) return { value: { kind: 'unknown' }, outcome: { result: 'not_found' } };
      if (before.endedAt !== null && before.endedAt <= now) return { value: { kind: 'ended' }, outcome: { result: 'unchanged' } };
      const { items } = await listSilences(tx, { maintenanceId: id, status: 'active', now }, { limit: 1000 });
      for (const silence of items) await writeSilence(tx, endedNow(silence, actor, now));
      const row = { ...before, nextAt: null, endedAt: now, endedBy: personOf(actor) };
      await writeMaintenance(tx, row);
      const outcome = { result: 'done', before: { name: before.name }, after: { id } } as const;
      return { value: { kind: 'done', maintenance: await viewOf(tx, row, now) }, outcome };
    },
    (tx, _value, now) => readView(tx, id, now),
  );
}

/** Windows that have not ended and the newest that have, those that come next first. `now`: wall clock, epoch milliseconds. */
export async function listMaintenanceViews(sql: Sql, now: number): Promise<Maintenance[]> {
  const rows = await listMaintenance(sql, { ended: ENDED_MOST });
  return Promise.all(rows.map((row) => viewOf(sql, row, now)));
}

async function readView(tx: Sql, id: string, now: number): Promise<MaintenanceOutcome> {
  const row = await takeMaintenance(tx, id);
  return row === null ? { kind: 'unknown' } : { kind: 'done', maintenance: await viewOf(tx, row, now) };
}

async function viewOf(sql: Sql, row: MaintenanceRow, now: number): Promise<Maintenance> {
  const [active] = (await listSilences(sql, { maintenanceId: row.id, status: 'active', now }, { limit: 1 })).items;
  const isEnded = row.endedAt !== null && row.endedAt <= now;
  const coming = isEnded ? null : (active ?? nextOccurrence(row.schedule, now));
  return {
    id: row.id,
    status: isEnded ? 'ended' : active === undefined ? 'planned' : 'active',
    name: row.name,
    matchers: [...row.matchers],
    max_severity: row.maxSeverity,
    once: 'once' in row.schedule ? row.schedule.once : null,
    weekly: 'weekly' in row.schedule ? row.schedule.weekly : null,
    next: coming === null ? null : { starts_at: iso(coming.startsAt), ends_at: iso(coming.endsAt) },
    created_by: row.by,
    created_at: iso(row.createdAt),
    ended_by: row.endedBy,
  };
}

function scheduleFindings(schedule: Schedule, now: number): readonly BrokenRule[] {
  if ('once' in schedule) {
    const { starts_at: start, ends_at: end } = schedule.once;
    return periodFindings(Date.parse(start), Date.parse(end), now).map((finding) => ({ ...finding, field: `once.${finding.field}` }));
  }
  const { time_zone: zone } = schedule.weekly;
  if (!isTimeZone(zone)) return [{ field: 'weekly.time_zone', rule: 'time_zone', params: { example: 'America/Sao_Paulo' } }];
  const days = (['from', 'until'] as const).filter((name) => !isDay(schedule.weekly[name]));
  if (days.length > 0) return days.map((name) => ({ field: `weekly.${name}`, rule: 'day_unknown' }));
  return nextOccurrence(schedule, now) === null ? [{ field: 'weekly', rule: 'no_occurrence' }] : [];
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** False for a date such as 30 February. */
function isDay(day: string | undefined): boolean {
  if (day === undefined) return true;
  const at = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}

const iso = (ms: number): string => new Date(ms).toISOString();
