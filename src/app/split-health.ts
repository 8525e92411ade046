import type { StageHealth } from '../stage.ts';
import type { SelfState } from '../alert/self-alert.ts';
import type { DataHealth } from './data-losses.ts';
import type { ProcessWatch, RoleView } from './process-watch.ts';
import type { ProcessRole } from './roles.ts';
import type { FailingProcess } from './supervise/supervisor-note.ts';
import type { Standstill } from './watchdog.ts';

const ORDER: readonly StageHealth['status'][] = ['ok', 'degraded', 'starting', 'down'];

/** Health of the processes of `roles`: one entry `role:<role>`, and what they say of their parts; of several with one name the worst
 *  stands. A role that is missing or stale is down. */
export function splitHealth(watch: ProcessWatch, roles: readonly ProcessRole[]): Record<string, DataHealth> {
  const health: Record<string, DataHealth> = {};
  for (const view of roles.map((role) => watch.view(role))) {
    health[`role:${view.role}`] = healthOf(view);
    for (const [name, part] of view.reports.flatMap(({ checks }) => Object.entries(checks))) {
      // What a process that is quiet said is not proven any more; what was wrong still may be.
      if (view.state === 'quiet' && part.status === 'ok') continue;
      const before = health[name];
      if (before === undefined || ORDER.indexOf(part.status) > ORDER.indexOf(before.status)) health[name] = part;
    }
  }
  return { ...health, ...failingHealth(failingIn(watch, roles)) };
}

/** Processes that end again and again, by what the processes of `roles` say of those beside them. */
export function failingIn(watch: ProcessWatch, roles: readonly ProcessRole[]): readonly FailingProcess[] {
  const said = roles.flatMap((role) => watch.view(role).reports).flatMap(({ failing }) => failing ?? []);
  return [...new Map(said.map((one) => [one.name, one])).values()];
}

/** One entry `process:<name>` for each process that ends again and again. */
export function failingHealth(failing: readonly FailingProcess[]): Record<string, StageHealth> {
  return Object.fromEntries(
    failing.map(({ name, ends, last_end: how }): [string, StageHealth] => [
      `process:${name}`,
      { status: 'degraded', reasons: [{ code: 'part_process_ends', params: { ends, end: how ?? '' } }] },
    ]),
  );
}

function healthOf({ role, state, silentMs }: RoleView): StageHealth {
  switch (state) {
    case 'working':
      return { status: 'ok' };
    case 'starting':
      return { status: 'starting', reasons: [{ code: 'part_role_starting', params: { role } }] };
    case 'quiet':
      return { status: 'degraded', reasons: [{ code: 'part_role_quiet', params: { role, seconds: seconds(silentMs) } }] };
    case 'stale':
      return { status: 'down', reasons: [{ code: 'part_role_stale', params: { role, seconds: seconds(silentMs) } }] };
    case 'missing':
      return { status: 'down', reasons: [{ code: 'part_role_missing', params: { role } }] };
  }
}

/** The longest standstill that a process reports, or a role that has been absent for longer than `stillMs`. */
export function splitStandstill(watch: ProcessWatch, roles: readonly ProcessRole[], stillMs: number): Standstill | undefined {
  const found: Standstill[] = [];
  for (const view of roles.map((role) => watch.view(role))) {
    for (const { standstill } of view.reports) if (standstill !== undefined) found.push(standstill);
    if (view.silentMs < stillMs) continue;
    found.push({
      forMs: view.silentMs,
      reason: { code: 'self_role_missing', params: { role: view.role, seconds: seconds(view.silentMs) } },
    });
  }
  return found.toSorted((a, b) => b.forMs - a.forMs)[0];
}

/** Whether a role has been absent for longer than `stillMs`; null while nobody can know yet. */
export function absenceOf(watch: ProcessWatch, role: ProcessRole, stillMs: number): SelfState {
  const { state, silentMs } = watch.view(role);
  if (silentMs >= stillMs) return { code: 'self_role_missing', params: { role, seconds: seconds(silentMs) } };
  return state === 'working' ? undefined : null;
}

/** Whether a process ends again and again; of several the first is named. Null while nobody can know yet. */
export function failingState(failing: readonly FailingProcess[], isProven: boolean): SelfState {
  const [first] = failing;
  if (first === undefined) return isProven ? undefined : null;
  return { code: 'self_process_failing', params: { process: first.name, ends: first.ends, end: first.last_end ?? '' } };
}

/** What the receivers are notified of that: nothing new begins while they know that detection is critically behind. `isProven`: the
 *  watch has lasted for so long that a standstill would have shown. */
export function splitSelfState(watch: ProcessWatch, still: Standstill | undefined, isProven: boolean): SelfState {
  if (still?.reason === undefined) return isProven ? undefined : null;
  const isKnown = watch.view('detect').reports.some(({ isBehindNotified }) => isBehindNotified);
  return isKnown ? null : still.reason;
}

const seconds = (ms: number): number => Math.round(ms / 1000);
