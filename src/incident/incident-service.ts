import type { Actor, ActorIdentity } from '@transaction-guardian/contracts/actor.ts';
import type {
  Incident,
  IncidentChange,
  IncidentDetail,
  IncidentEntry,
  IncidentFiguresPage,
  IncidentInput,
} from '@transaction-guardian/contracts/incident.ts';
import type { IncidentState, Priority } from '@transaction-guardian/contracts/incident-state.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Act, Acted } from '../auth/act.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import type { Clock } from '../clock.ts';
import type { Database, Sql } from '../store/database.ts';
import { readIncidentAlerts, watchNamed, type WatchedAlert } from '../store/verbs/incident/incident-alert.ts';
import { appendEntry, listEntries, type EntryRow } from '../store/verbs/incident/incident-entry.ts';
import {
  insertIncident,
  readIncident,
  updateIncident,
  type IncidentPatch,
  type IncidentRow,
} from '../store/verbs/incident/incident-row.ts';
import { listIncidents, type IncidentsWanted } from '../store/verbs/incident/list-incidents.ts';
import type { Page, PageRequest } from '../store/verbs/page.ts';
import { incidentFigures } from './figures.ts';
import { incidentId } from './incident-id.ts';
import { viewIncidents } from './incident-view.ts';
import { joinAlerts, priorityFacts } from './join.ts';
import { proposePriority } from './priority.ts';
import { entryText } from './timeline-text.ts';
import { isOpen, mayGo } from './transition.ts';

/** What became of an act on an incident. `unknown_alert`, `taken_alert`: fingerprints that name none, or one of another incident. */
export type IncidentOutcome =
  | { readonly kind: 'done'; readonly number: number }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unknown_alert'; readonly fingerprint: string }
  | { readonly kind: 'taken_alert'; readonly fingerprint: string; readonly incident: string }
  | { readonly kind: 'transition'; readonly from: IncidentState; readonly to: IncidentState };

export interface IncidentDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly act: Act;
  readonly timeZone: string;
}

/** Where people open, change and read incidents. Methods throw STORE_UNAVAILABLE, and what acting throws. */
export interface IncidentService {
  /** Opens an incident. Without a priority that of its alerts, P3 without any. */
  open(actor: Actor, input: IncidentInput): Promise<IncidentOutcome>;
  /** Changes what is given; the same again changes nothing. Who changes the state or becomes the owner has acknowledged it. */
  change(actor: Actor, number: number, change: IncidentChange): Promise<IncidentOutcome>;
  /** Adds a note to the timeline. */
  note(actor: Actor, number: number, text: string): Promise<IncidentOutcome>;
  list(wanted: IncidentsWanted, page: PageRequest, locale: Locale): Promise<Page<Incident>>;
  /** null for an invalid number. */
  read(number: number, locale: Locale): Promise<IncidentDetail | null>;
  /** MTTD, MTTA, MTTR and MTBF of the incidents opened in [from, to), epoch milliseconds. */
  figures(from: number, to: number): Promise<IncidentFiguresPage>;
}

/** Incidents that figures are made of. */
const FIGURES_MOST = 10_000;

/** Makes the service. */
export function createIncidentService({ database, clock, act, timeZone }: IncidentDeps): IncidentService {
  async function open(tx: Sql, actor: Actor, input: IncidentInput): Promise<Acted<IncidentOutcome>> {
    const now = clock.now();
    const named = await findAlerts(tx, input.alerts ?? [], now);
    if ('outcome' in named) return refused(named.outcome);
    const proposed = proposePriority(priorityFacts(named.alerts));
    const priority = input.priority ?? proposed;
    const by = identityOf(actor);
    const number = await insertIncident(tx, {
      title: input.title,
      priority,
      proposed,
      is_chosen: input.priority !== undefined,
      opened_by: by,
      opened_at: now,
    });
    await appendEntry(tx, { incident: number, at: now, kind: 'opened', actor: by, data: { title: input.title, priority } });
    // Who reports it knows of it.
    await updateIncident(tx, number, { acknowledged_at: now });
    const incident = await readIncident(tx, number);
    if (incident !== null) await joinAlerts(tx, incident, { joining: named.alerts, members: [], now });
    const value: IncidentOutcome = { kind: 'done', number };
    return { value, outcome: { result: 'done', after: { incident: incidentId(number), priority } } };
  }

  async function change(tx: Sql, actor: Actor, number: number, wanted: IncidentChange): Promise<Acted<IncidentOutcome>> {
    const now = clock.now();
    const before = await readIncident(tx, number, true);
    if (before === null) return refused({ kind: 'unknown' });
    if (wanted.state !== undefined && wanted.state !== before.state && !mayGo(before.state, wanted.state))
      return refused({ kind: 'transition', from: before.state, to: wanted.state });
    const named = await findAlerts(tx, wanted.alerts ?? [], now, number);
    if ('outcome' in named) return refused(named.outcome);

    const by = identityOf(actor);
    const { patch, entries } = changesOf(before, wanted, { by, now });
    for (const entry of entries) await appendEntry(tx, { incident: number, at: now, actor: by, ...entry });
    await updateIncident(tx, number, patch);
    const members = await readIncidentAlerts(tx, [number]);
    const joining = named.alerts.filter(({ incident }) => incident === null);
    const changed = await readIncident(tx, number);
    if (changed !== null) await joinAlerts(tx, changed, { joining, members, now });
    const result = entries.length === 0 && joining.length === 0 ? 'unchanged' : 'done';
    return {
      value: { kind: 'done', number },
      outcome: { result, before: factsOf(before), after: { ...factsOf(before), ...factsOf(changed ?? before) } },
    };
  }

  async function note(tx: Sql, actor: Actor, number: number, text: string): Promise<Acted<IncidentOutcome>> {
    if ((await readIncident(tx, number, true)) === null) return refused({ kind: 'unknown' });
    await appendEntry(tx, { incident: number, at: clock.now(), kind: 'note', actor: identityOf(actor), data: { text } });
    return { value: { kind: 'done', number }, outcome: { result: 'done' } };
  }

  return {
    open: (actor, input) => act({ actor, verb: 'incident.open', arguments: { ...input } }, (tx) => open(tx, actor, input)),
    change: (actor, number, wanted) =>
      act({ actor, verb: 'incident.change', arguments: { incident: incidentId(number), ...wanted } }, (tx) =>
        change(tx, actor, number, wanted),
      ),
    note: (actor, number, text) =>
      act({ actor, verb: 'incident.note', arguments: { incident: incidentId(number), text } }, (tx) => note(tx, actor, number, text)),
    async list(wanted, page, locale) {
      const { items, next } = await listIncidents(database, wanted, page);
      return { items: await viewIncidents(database, items, locale), next };
    },
    async read(number, locale) {
      const row = await readIncident(database, number);
      if (row === null) return null;
      const [[incident], entries] = await Promise.all([viewIncidents(database, [row], locale), listEntries(database, number)]);
      return incident === undefined ? null : { incident, timeline: entries.map((entry) => entryView(entry, locale, timeZone)) };
    },
    async figures(from, to) {
      const rows: IncidentRow[] = [];
      let cursor: string | null | undefined;
      do {
        const page: Page<IncidentRow> = await listIncidents(database, { from, to }, { limit: 1000, ...(cursor ? { cursor } : {}) });
        rows.push(...page.items);
        cursor = page.next;
      } while (cursor !== null && rows.length < FIGURES_MOST);
      return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), items: incidentFigures(rows) };
    },
  };
}

type Entry = Pick<EntryRow, 'kind' | 'data'>;

/** What a change sets, and its lines of the timeline. */
function changesOf(
  before: IncidentRow,
  wanted: IncidentChange,
  { by, now }: { readonly by: ActorIdentity; readonly now: number },
): { readonly patch: IncidentPatch; readonly entries: readonly Entry[] } {
  const entries: Entry[] = [];
  const patch: { -readonly [Name in keyof IncidentPatch]: IncidentPatch[Name] } = {};
  if (wanted.title !== undefined && wanted.title !== before.title) {
    patch.title = wanted.title;
    entries.push({ kind: 'title_changed', data: { from: before.title, to: wanted.title } });
  }
  if (wanted.priority !== undefined) {
    patch.is_chosen = true;
    if (wanted.priority !== before.priority) {
      patch.priority = wanted.priority;
      entries.push({ kind: 'priority_changed', data: { from: before.priority, to: wanted.priority } });
    }
  }
  const owner = wanted.owner === 'me' ? by : wanted.owner === 'nobody' ? null : before.owner;
  if (owner?.id !== before.owner?.id) {
    patch.owner = owner;
    entries.push({ kind: 'owner_changed', data: { from: nameOrNull(before.owner), to: nameOrNull(owner) } });
  }
  // Somebody takes it up: then it has been looked at.
  const state = wanted.state ?? (before.state === 'detected' && wanted.owner === 'me' ? 'triaged' : before.state);
  if (state !== before.state) {
    patch.state = state;
    if (!isOpen(state) && isOpen(before.state)) patch.resolved_at = now;
    if (isOpen(state)) patch.resolved_at = null;
    entries.push({ kind: 'state_changed', data: { from: before.state, to: state } });
  }
  if (before.acknowledged_at === null && (state !== before.state || wanted.owner === 'me')) patch.acknowledged_at = now;
  return { patch, entries };
}

/** Alerts by fingerprint that no other incident than `own` has. */
async function findAlerts(
  tx: Sql,
  fingerprints: readonly string[],
  now: number,
  own?: number,
): Promise<{ readonly alerts: readonly WatchedAlert[] } | { readonly outcome: IncidentOutcome }> {
  if (fingerprints.length === 0) return { alerts: [] };
  const alerts = await watchNamed(tx, fingerprints, now);
  const missing = fingerprints.find((wanted) => !alerts.some(({ fingerprint }) => fingerprint === wanted));
  if (missing !== undefined) return { outcome: { kind: 'unknown_alert', fingerprint: missing } };
  const taken = alerts.find(({ incident }) => incident !== null && incident !== own);
  if (taken !== undefined)
    return { outcome: { kind: 'taken_alert', fingerprint: taken.fingerprint, incident: incidentId(taken.incident ?? 0) } };
  return { alerts };
}

function refused(outcome: IncidentOutcome): Acted<IncidentOutcome> {
  return { value: outcome, outcome: { result: outcome.kind === 'unknown' ? 'not_found' : 'refused' } };
}

const nameOrNull = (person: ActorIdentity | null): string | null => (person === null ? null : shownName(person));
const identityOf = ({ id, kind, name, claimed_name }: Actor): ActorIdentity => ({ id, kind, name, claimed_name });

function factsOf({ title, priority, state, owner }: IncidentRow): {
  title: string;
  priority: Priority;
  state: IncidentState;
  owner: string | null;
} {
  return { title, priority, state, owner: owner?.id ?? null };
}

function entryView(entry: EntryRow, locale: Locale, timeZone: string): IncidentEntry {
  const { number, at, kind, actor, data } = entry;
  return { number, at: new Date(at).toISOString(), kind, actor, text: entryText(entry, locale, timeZone), data };
}
