import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { Briefing, ProposedDemotion } from '@transaction-guardian/contracts/briefing.ts';
import { text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import type { Act, Acted } from '../auth/act.ts';
import { MINUTE_MS, type Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { demoteCause, type DemoteOutcome } from '../respond/demote.ts';
import type { RespondDeps } from '../respond/act.ts';
import { acceptBriefing, listBriefings, readBriefing, type BriefingRow } from '../store/verbs/briefing/briefings.ts';
import type { Page, PageRequest } from '../store/verbs/page.ts';
import { briefingText, type BriefingHead } from './briefing-text.ts';
import { gatherFacts, type GatherOptions } from './gather-facts.ts';
import { waitingKeys } from './gather-pendencies.ts';

/** What became of an acceptance. `taken`: somebody else was first. */
export type AcceptOutcome =
  | { readonly kind: 'done'; readonly id: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'taken'; readonly name: string; readonly at: number };

export interface BriefingDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly act: Act;
  readonly respond: RespondDeps;
  readonly timeZone: string;
  readonly gather: GatherOptions;
  /** The newest minute of the stream, epoch milliseconds, and whether all minutes are judged; null without data. */
  readonly standing: () => Promise<{ readonly lastMinute: number | null; readonly judged: boolean }>;
}

/** Where people read and accept briefings. Methods throw STORE_UNAVAILABLE, and what acting throws. */
export interface BriefingService {
  /** The last eight hours as they are now; it is not stored. */
  now(locale: Locale): Promise<Briefing>;
  /** One briefing, or the latest; null where there is none. */
  read(id: string | null, locale: Locale): Promise<Briefing | null>;
  list(page: PageRequest, locale: Locale): Promise<Page<Briefing>>;
  /** Keys of the pendencies of this moment: what a briefing handed over may have ended since. */
  waiting(): Promise<ReadonlySet<string>>;
  /** Takes over what a briefing hands over: its pendencies are carried no more. The first who accepts it counts. */
  accept(actor: Actor, id: string): Promise<AcceptOutcome>;
  /** Demotes a cause that was proposed: now, in one of the last briefings, or in the one that is named. Null: no such proposal. */
  demote(
    actor: Actor,
    wanted: { readonly cause: string; readonly briefing?: string; readonly locale: Locale },
  ): Promise<DemoteOutcome | null>;
}

const HOURS_MS = 8 * 3_600_000;
/** Briefings whose proposals still count. */
const RECENT = 6;

/** Makes the service. */
export function createBriefingService({ database, clock, act, respond, timeZone, gather, standing }: BriefingDeps): BriefingService {
  const now: BriefingService['now'] = async (locale) => {
    const at = clock.now();
    const { lastMinute, judged } = await standing();
    // Of a recording the stream's own time is the present.
    const to = lastMinute === null ? at : lastMinute + MINUTE_MS;
    const period = { from: to - HOURS_MS, to, wall: { from: at - HOURS_MS, to: at + 1 }, until: at + HOURS_MS };
    const facts = await gatherFacts(database, period, { judged, now: at, options: gather });
    const told: BriefingHead = {
      id: 'now',
      shift: '',
      kind: 'now',
      due_at: iso(at),
      made_at: iso(at),
      from: iso(period.from),
      to: iso(to),
      facts,
      accepted_by: null,
      accepted_at: null,
    };
    return { ...told, text: briefingText(told, locale, timeZone) };
  };

  const proposalsOf = async (id: string): Promise<readonly ProposedDemotion[]> => {
    const facts = id === 'now' ? (await now('en')).facts : (await readBriefing(database, id === 'latest' ? null : id))?.facts;
    return facts?.noise.demotions ?? [];
  };

  const recentProposals = async (): Promise<readonly ProposedDemotion[]> => {
    const { items } = await listBriefings(database, { limit: RECENT });
    return [...(await proposalsOf('now')), ...items.flatMap(({ facts }) => facts.noise.demotions ?? [])];
  };

  return {
    now,
    async read(id, locale) {
      const row = await readBriefing(database, id);
      return row === null ? null : viewOf(row, locale, timeZone);
    },
    async list(page, locale) {
      const { items, next } = await listBriefings(database, page);
      return { items: items.map((row) => viewOf(row, locale, timeZone)), next };
    },
    waiting: () => waitingKeys(database),
    async demote(actor, { cause, briefing, locale }) {
      const proposals = briefing === undefined ? await recentProposals() : await proposalsOf(briefing);
      const found = proposals.find((one) => one.cause === cause);
      if (found === undefined) return null;
      const { matchers, max_severity: maxSeverity, pages, budget } = found;
      return demoteCause(respond, actor, { cause, matchers, maxSeverity, reason: text(locale, 'briefing.demoted', { n: pages, budget }) });
    },
    accept: (actor, id) =>
      act({ actor, verb: 'briefing.accept', arguments: { briefing: id } }, async (tx): Promise<Acted<AcceptOutcome>> => {
        const row = await readBriefing(tx, id, true);
        if (row === null) return { value: { kind: 'unknown' }, outcome: { result: 'not_found' } };
        if (row.accepted_by !== null && row.accepted_by.id !== actor.id)
          return { value: { kind: 'taken', name: shownName(row.accepted_by), at: row.accepted_at ?? 0 }, outcome: { result: 'refused' } };
        const value = { kind: 'done', id } as const;
        if (row.accepted_by !== null) return { value, outcome: { result: 'unchanged' } };
        const { id: who, kind, name, claimed_name } = actor;
        await acceptBriefing(tx, id, { id: who, kind, name, claimed_name }, clock.now());
        return { value, outcome: { result: 'done', after: { accepted_by: who } } };
      }),
  };
}

/** A stored briefing without its text. */
export function briefingHeadOf(row: Omit<BriefingRow, 'accepted_by' | 'accepted_at'> & Partial<BriefingRow>): BriefingHead {
  const { id, shift, kind, facts, accepted_by = null, accepted_at = null } = row;
  return {
    id,
    shift,
    kind,
    due_at: iso(row.due_at),
    made_at: iso(row.made_at),
    from: iso(row.from_at),
    to: iso(row.to_at),
    facts,
    accepted_by,
    accepted_at: accepted_at === null ? null : iso(accepted_at),
  };
}

function viewOf(row: BriefingRow, locale: Locale, timeZone: string): Briefing {
  const told = briefingHeadOf(row);
  return { ...told, text: briefingText(told, locale, timeZone) };
}

const iso = (at: number): string => new Date(at).toISOString();
