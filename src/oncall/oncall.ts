import { randomBytes } from 'node:crypto';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { PersonName as Named } from '@transaction-guardian/contracts/alert-state.ts';
import type {
  OnCallChange,
  OnCallNow,
  OnCallOverrideInput,
  OnCallSchedule,
  OnCallShift,
  OnCallSwapInput,
} from '@transaction-guardian/contracts/oncall.ts';
import type { Act, Acted } from '../auth/act.ts';
import { nameOfId, type Directory } from '../auth/directory.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import type { Clock } from '../clock.ts';
import type { Database, Sql } from '../store/database.ts';
import { endOnCallChange, insertOnCallChange, listOnCallChanges, type OnCallChangeRow } from '../store/verbs/oncall/oncall-changes.ts';
import type { LayerTurns } from './layer.ts';
import { createRota, layersOf, placeOf, type Change, type Rota, type Shift } from './rota.ts';

export interface OnCallDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly act: Act;
  readonly directory: Directory;
  readonly schedules: readonly OnCallSchedule[];
  /** IANA zone of schedules that name none. */
  readonly timeZone: string;
  /** Local dates, `2026-12-25`. */
  readonly holidays: readonly string[];
}

/** What became of a change. `problem`: a rule that it broke, and the field. */
export type ChangeOutcome =
  | { readonly kind: 'done'; readonly changes: readonly OnCallChange[] }
  | {
      readonly kind: 'problem';
      readonly field: string;
      readonly rule: 'schedule' | 'person' | 'time_order' | 'too_long_change' | 'no_shift' | 'same_person';
    };

/** Who is on call, and what people change of it. Methods throw STORE_UNAVAILABLE; verbs throw what acting throws. */
export interface OnCall {
  readonly schedules: readonly string[];
  /** Who is on call at a time (epoch milliseconds), of every schedule. */
  at(time: number): Promise<OnCallNow[]>;
  /** Shifts that touch this time, of one schedule; null: there is no such schedule. */
  shifts(schedule: string, from: number, until: number): Promise<OnCallShift[] | null>;
  /** Changes that are not over, oldest first. */
  changes(): Promise<OnCallChange[]>;
  /** Overrides who is on call, for a time. */
  override(actor: Actor, input: OnCallOverrideInput): Promise<ChangeOutcome>;
  /** Exchanges two shifts. */
  swap(actor: Actor, input: OnCallSwapInput): Promise<ChangeOutcome>;
  /** Takes a change back, both halves of a swap. False: there is none that is not over. */
  end(actor: Actor, id: string): Promise<boolean>;
}

const DAY_MS = 86_400_000;
/** Longest override, and how far a shift of a swap may reach. */
const CHANGE_MOST_MS = 100 * DAY_MS;

/** Makes the desk. Layers are worked out once; changes are read at each call. */
export function createOnCall(deps: OnCallDeps): OnCall {
  const { database, clock, act } = deps;
  const holidays = new Set(deps.holidays);
  const layers = new Map<string, readonly LayerTurns[]>(
    deps.schedules.map((schedule) => [schedule.name, layersOf(schedule, placeOf(schedule.time_zone ?? deps.timeZone, holidays))]),
  );
  const named = namer(deps.directory);
  const rotaOf = async (sql: Sql, schedule: string, since: number): Promise<Rota | null> => {
    const known = layers.get(schedule);
    return known === undefined ? null : createRota(known, (await listOnCallChanges(sql, since, { schedule })).flatMap(inForce));
  };
  return {
    schedules: [...layers.keys()],
    at: (time) =>
      Promise.all(
        deps.schedules.map(async (one) => nowOf(one, (await rotaOf(database, one.name, time)) ?? createRota([], []), time, deps, named)),
      ),
    async shifts(schedule, from, until) {
      const rota = await rotaOf(database, schedule, from);
      return rota === null ? null : rota.between(from, until).map((shift) => shownShift(schedule, shift, named));
    },
    changes: async () => (await listOnCallChanges(database, clock.now(), { standing: true })).map((row) => shownChange(row, named)),
    async override(actor, input) {
      const problem = overrideProblem(input, layers, deps.directory);
      if (problem !== null) return problem;
      const rows = [
        rowOf(actor, { ...input, starts_at: Date.parse(input.starts_at), ends_at: Date.parse(input.ends_at) }, null, clock.now()),
      ];
      return store(act, actor, { verb: 'oncall.override', args: { ...input } }, rows, named);
    },
    async swap(actor, input) {
      const [first, second] = [Date.parse(input.at), Date.parse(input.with)];
      const rota = await rotaOf(database, input.schedule, Math.min(first, second) - CHANGE_MOST_MS);
      if (rota === null) return { kind: 'problem', field: 'schedule', rule: 'schedule' };
      const [mine, theirs] = [shiftAt(rota, first), shiftAt(rota, second)];
      if (mine === null) return { kind: 'problem', field: 'at', rule: 'no_shift' };
      if (theirs === null) return { kind: 'problem', field: 'with', rule: 'no_shift' };
      if (mine.person === theirs.person) return { kind: 'problem', field: 'with', rule: 'same_person' };
      const [swap, now] = [idOf('sw'), clock.now()];
      const common = { schedule: input.schedule, ...(input.reason === undefined ? {} : { reason: input.reason }) };
      const rows = [
        rowOf(actor, { ...common, person: theirs.person, starts_at: mine.startsAt, ends_at: mine.endsAt }, swap, now),
        rowOf(actor, { ...common, person: mine.person, starts_at: theirs.startsAt, ends_at: theirs.endsAt }, swap, now),
      ];
      return store(act, actor, { verb: 'oncall.swap', args: { ...input } }, rows, named);
    },
    end: (actor, id) =>
      act({ actor, verb: 'oncall.end_change', arguments: { change: id } }, async (tx) => {
        const ended = await endOnCallChange(tx, id, { at: clock.now(), by: actor.id });
        if (ended.length === 0) return { value: false, outcome: { result: 'not_found' } };
        return { value: true, outcome: { result: 'done', before: { changes: ended.map(auditOf) } } };
      }),
  };
}

async function store(
  act: Act,
  actor: Actor,
  { verb, args }: { readonly verb: 'oncall.override' | 'oncall.swap'; readonly args: Readonly<Record<string, unknown>> },
  rows: readonly OnCallChangeRow[],
  named: (id: string) => Named,
): Promise<ChangeOutcome> {
  const changes = await act({ actor, verb, arguments: args }, async (tx): Promise<Acted<OnCallChange[]>> => {
    for (const row of rows) await insertOnCallChange(tx, row);
    return { value: rows.map((row) => shownChange(row, named)), outcome: { result: 'done', after: { changes: rows.map(auditOf) } } };
  });
  return { kind: 'done', changes };
}

function overrideProblem(
  { schedule, person, starts_at, ends_at }: OnCallOverrideInput,
  layers: ReadonlyMap<string, unknown>,
  directory: Directory,
): Extract<ChangeOutcome, { kind: 'problem' }> | null {
  const length = Date.parse(ends_at) - Date.parse(starts_at);
  if (!layers.has(schedule)) return { kind: 'problem', field: 'schedule', rule: 'schedule' };
  if (directory.byId(person) === null) return { kind: 'problem', field: 'person', rule: 'person' };
  if (!(length > 0)) return { kind: 'problem', field: 'ends_at', rule: 'time_order' };
  return length > CHANGE_MOST_MS ? { kind: 'problem', field: 'ends_at', rule: 'too_long_change' } : null;
}

/** The whole shift around a time; null where nobody has one. */
function shiftAt(rota: Rota, time: number): (Shift & { readonly person: string }) | null {
  const shift = rota
    .between(time - CHANGE_MOST_MS, time + CHANGE_MOST_MS)
    .find(({ startsAt, endsAt }) => startsAt <= time && time < endsAt);
  return shift === undefined || shift.person === null ? null : { ...shift, person: shift.person };
}

/** A change as far as it was not taken back. */
function inForce({ id, person, starts_at, ends_at, ended_at }: OnCallChangeRow): Change[] {
  const endsAt = Math.min(ends_at, ended_at ?? ends_at);
  return endsAt > starts_at ? [{ id, person, startsAt: starts_at, endsAt }] : [];
}

const idOf = (prefix: string): string => `${prefix}_${randomBytes(6).toString('hex')}`;

function rowOf(
  actor: Actor,
  change: Pick<OnCallChangeRow, 'schedule' | 'person' | 'starts_at' | 'ends_at'> & { readonly reason?: string },
  swap: string | null,
  now: number,
): OnCallChangeRow {
  const { schedule, person, starts_at, ends_at, reason = '' } = change;
  const by = { by_id: actor.id, by_name: shownName(actor) };
  return { id: idOf('oc'), schedule, person, starts_at, ends_at, swap_id: swap, reason, ...by, created_at: now, ended_at: null };
}

const auditOf = ({ id, schedule, person, starts_at, ends_at }: OnCallChangeRow): Record<string, unknown> => ({
  id,
  schedule,
  person,
  starts_at: iso(starts_at),
  ends_at: iso(ends_at),
});

const iso = (time: number): string => new Date(time).toISOString();

/** Names people; one who is configured no more by the id. */
function namer(directory: Directory): (id: string) => Named {
  const nameOf = nameOfId(directory);
  return (id) => ({ id, name: nameOf(id) });
}

function nowOf(schedule: OnCallSchedule, rota: Rota, time: number, { timeZone }: OnCallDeps, named: (id: string) => Named): OnCallNow {
  const { person, changeId, until, next } = rota.now(time);
  return {
    schedule: schedule.name,
    time_zone: schedule.time_zone ?? timeZone,
    person: person === null ? null : named(person),
    until: until === null ? null : iso(until),
    next: next === null ? null : { person: named(next.person), at: iso(next.at) },
    change_id: changeId,
  };
}

function shownShift(schedule: string, { person, startsAt, endsAt }: Shift, named: (id: string) => Named): OnCallShift {
  return { schedule, person: person === null ? null : named(person), starts_at: iso(startsAt), ends_at: iso(endsAt) };
}

function shownChange(
  { by_id, by_name, person, starts_at, ends_at, created_at, ended_at, ...row }: OnCallChangeRow,
  named: (id: string) => Named,
): OnCallChange {
  const times = {
    starts_at: iso(starts_at),
    ends_at: iso(ends_at),
    created_at: iso(created_at),
    ended_at: ended_at === null ? null : iso(ended_at),
  };
  return { ...row, person: named(person), created_by: { id: by_id, name: by_name }, ...times };
}
