import { randomUUID } from 'node:crypto';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Silence } from '@transaction-guardian/contracts/silence.ts';
import type { BrokenRule } from '../check/finding.ts';
import type { Acted } from '../auth/act.ts';
import type { Sql } from '../store/database.ts';
import { takeSilence, writeSilence, type SilenceRow } from '../store/verbs/silence/silences.ts';
import { actOnAlerts, findAlert, personOf, type RespondDeps } from './act.ts';
import { causeMatchers, checkMatchers } from './scope.ts';
import { readSilenceView } from './silence-view.ts';

/** Longest silence; a maintenance window is for what comes again. */
const SILENCE_DAYS_MOST = 30;
const DAY_MS = 86_400_000;

/** What a silence hides: matchers, or the cause of an alert (fingerprint, or id of its anomaly) and no other. `maxSeverity`: the
 *  worst that it hides; default `critical`, or how bad the alert is. */
export type SilenceScope = { readonly maxSeverity?: Severity | undefined } & (
  | { readonly matchers: readonly string[] }
  | { readonly alertId: string }
);

export interface NewSilence {
  readonly scope: SilenceScope;
  /** Wall clock, epoch milliseconds; default now. */
  readonly startsAt?: number | undefined;
  readonly endsAt: number;
  readonly reason: string;
}

/** `invalid`: the fields and the rules that they break. `unknown`: there is no such alert, or no such silence. `not_firing`: the alert
 *  has resolved, so a silence would hide only what nobody has seen. `ended`: too late. */
export type SilenceOutcome =
  | { readonly kind: 'done'; readonly silence: Silence }
  | { readonly kind: 'invalid'; readonly findings: readonly BrokenRule[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not_firing' }
  | { readonly kind: 'ended' };

/** Creates a silence. Alerts that match keep their place in every list and do not notify until it ends; then those that still fire do. */
export function createSilence(deps: RespondDeps, actor: Actor, input: NewSilence): Promise<SilenceOutcome> {
  const { scope, startsAt, endsAt, reason } = input;
  const id = `si_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  const args = {
    ...('alertId' in scope ? { alert_id: scope.alertId } : { matchers: scope.matchers }),
    ...(startsAt === undefined ? {} : { starts_at: iso(startsAt) }),
    ...{ ends_at: iso(endsAt), reason },
  };
  return actOnAlerts<SilenceOutcome>(
    deps,
    { actor, verb: 'silence.create', args },
    async (tx, now) => {
      const found = await scopeOf(tx, scope);
      if (found === null) return { value: { kind: 'unknown' }, outcome: { result: 'not_found' } };
      if (found === 'not_firing') return { value: { kind: 'not_firing' }, outcome: { result: 'refused' } };
      const findings = [...('findings' in found ? found.findings : []), ...periodFindings(startsAt ?? now, endsAt, now)];
      if (findings.length > 0 || 'findings' in found) return invalid(findings);
      const times = { startsAt: startsAt ?? now, endsAt, createdAt: now, updatedAt: now, beganAt: null, endedAt: null, endedBy: null };
      const row: SilenceRow = { id, ...found, ...times, reason, by: personOf(actor), maintenanceId: null };
      await writeSilence(tx, row);
      return { value: await viewOf(tx, id, now), outcome: { result: 'done', after: auditOf(row) } };
    },
    (tx, _value, now) => viewOf(tx, id, now),
  );
}

/** Changes the end or the reason of a silence that has not ended. Its scope stays: another scope is another silence. */
export function changeSilence(
  deps: RespondDeps,
  actor: Actor,
  input: { readonly id: string; readonly endsAt?: number | undefined; readonly reason?: string | undefined },
): Promise<SilenceOutcome> {
  const { id, endsAt, reason } = input;
  const args = { id, ...(endsAt === undefined ? {} : { ends_at: iso(endsAt) }), ...(reason === undefined ? {} : { reason }) };
  return actOnAlerts<SilenceOutcome>(
    deps,
    { actor, verb: 'silence.change', args },
    async (tx, now) => {
      const before = await takeSilence(tx, id);
      if (before === null) return { value: { kind: 'unknown' }, outcome: { result: 'not_found' } };
      if (before.endsAt <= now) return { value: { kind: 'ended' }, outcome: { result: 'refused', before: auditOf(before) } };
      const findings = endsAt === undefined ? [] : periodFindings(before.startsAt, endsAt, now);
      if (findings.length > 0) return invalid(findings);
      const row = { ...before, endsAt: endsAt ?? before.endsAt, reason: reason ?? before.reason, updatedAt: now };
      await writeSilence(tx, row);
      return { value: await viewOf(tx, id, now), outcome: { result: 'done', before: auditOf(before), after: auditOf(row) } };
    },
    (tx, _value, now) => viewOf(tx, id, now),
  );
}

/** Ends a silence now, whoever created it: alerts that still fire notify. One that has not begun never does. */
export function endSilence(deps: RespondDeps, actor: Actor, { id }: { readonly id: string }): Promise<SilenceOutcome> {
  return actOnAlerts<SilenceOutcome>(
    deps,
    { actor, verb: 'silence.end', args: { id } },
    async (tx, now) => {
      const before = await takeSilence(tx, id);
      if (before === null) return { value: { kind: 'unknown' }, outcome: { result: 'not_found' } };
      if (before.endsAt <= now) return { value: { kind: 'ended' }, outcome: { result: 'unchanged', before: auditOf(before) } };
      const row = endedNow(before, actor, now);
      await writeSilence(tx, row);
      return { value: await viewOf(tx, id, now), outcome: { result: 'done', before: auditOf(before), after: auditOf(row) } };
    },
    (tx, _value, now) => viewOf(tx, id, now),
  );
}

/** A silence that an actor ends now. Pure. */
export function endedNow(row: SilenceRow, actor: Actor, now: number): SilenceRow {
  const startsAt = Math.min(row.startsAt, now);
  return { ...row, startsAt, endsAt: now, updatedAt: now, endedBy: personOf(actor) };
}

/** What is wrong with a time in which something is hidden. Pure. */
export function periodFindings(startsAt: number, endsAt: number, now: number): readonly BrokenRule[] {
  if (endsAt <= startsAt) return [{ field: 'ends_at', rule: 'end_after_start' }];
  if (endsAt <= now) return [{ field: 'ends_at', rule: 'end_in_future' }];
  if (endsAt - startsAt > SILENCE_DAYS_MOST * DAY_MS)
    return [{ field: 'ends_at', rule: 'end_too_late', params: { days: SILENCE_DAYS_MOST } }];
  return [];
}

async function scopeOf(
  tx: Sql,
  scope: SilenceScope,
): Promise<
  | { readonly matchers: readonly string[]; readonly maxSeverity: Severity }
  | { readonly findings: readonly BrokenRule[] }
  | 'not_firing'
  | null
> {
  if ('matchers' in scope) {
    const checked = checkMatchers(scope.matchers);
    return 'findings' in checked ? checked : { ...checked, maxSeverity: scope.maxSeverity ?? 'critical' };
  }
  const alert = await findAlert(tx, scope.alertId, undefined);
  if (alert === null) return null;
  if (alert.status !== 'firing') return 'not_firing';
  return { matchers: causeMatchers(alert.labels), maxSeverity: scope.maxSeverity ?? alert.severity };
}

async function viewOf(tx: Sql, id: string, now: number): Promise<SilenceOutcome> {
  const silence = await readSilenceView(tx, id, now);
  return silence === null ? { kind: 'unknown' } : { kind: 'done', silence };
}

const invalid = (findings: readonly BrokenRule[]): Acted<SilenceOutcome> => ({
  value: { kind: 'invalid', findings },
  outcome: { result: 'refused', after: null },
});

function auditOf({ id, matchers, maxSeverity, startsAt, endsAt, reason }: SilenceRow): Record<string, unknown> {
  return { id, matchers, max_severity: maxSeverity, starts_at: iso(startsAt), ends_at: iso(endsAt), reason };
}

const iso = (ms: number): string => (Number.isFinite(ms) ? new Date(ms).toISOString() : String(ms));
