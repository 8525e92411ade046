import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Sql } from '../store/database.ts';
import { MINUTE_MS } from '../clock.ts';
import { findBriefings, insertBriefing } from '../store/verbs/briefing/briefings.ts';
import { hasRunBefore, readNewestClosed } from '../store/verbs/briefing/shift-figures.ts';
import { briefingMessage, queueBriefing } from './briefing-message.ts';
import { briefingHeadOf } from './briefing-service.ts';
import { briefingText } from './briefing-text.ts';
import { endBriefings } from './end-briefings.ts';
import { gatherFacts, type GatherOptions } from './gather-facts.ts';
import { boundariesIn, type Boundary, type DailyShift } from './shift.ts';

export interface MakeOptions {
  readonly shifts: readonly DailyShift[];
  readonly timeZone: string;
  /** Language of a receiver. */
  readonly localeOf: (receiver: string) => Locale;
  /** Receivers that get briefings. */
  readonly receivers: readonly string[];
  /** Address of the console; '' for none. */
  readonly externalUrl: string;
  readonly gather: GatherOptions;
  /** How long a minute of the stream may wait for late records before it closes (`window.late_s`). */
  readonly lateMs: number;
}

/** How late a briefing still goes out. Of a shift only the latest start or end goes out then. */
const LATE_MOST_MS = 12 * 3_600_000;
/** A shift whose end is not known. */
const NEXT_MS = 24 * 3_600_000;
/** A live stream closes the last minute of a shift so long after its lateness at most: it has to be counted and merged. */
const CLOSE_GRACE_MS = 30_000;
/** A stream whose newest closed minute is older than its lateness and this closes none soon. */
const STALE_MS = 510_000;

/** Makes the briefings that are due at `now` and are not made yet, and puts them into the queue of messages, in one transaction:
 *  each is sent once, late rather than not at all. For the last minute of its period to close it waits as long as a minute waits for late
 *  records, and half a minute more. */
export async function makeBriefings(tx: Sql, now: number, options: MakeOptions & { readonly judged: boolean }): Promise<void> {
  const due = latestOf(boundariesIn(options.shifts, options.timeZone, now - LATE_MOST_MS, now));
  const made = await findBriefings(
    tx,
    due.map(({ id }) => id),
  );
  for (const boundary of due) {
    if (made.has(boundary.id) || (await closesSoon(tx, boundary, now, options.lateMs))) continue;
    await make(tx, boundary, now, options);
  }
  await endBriefings(tx, now, options);
}

/** Whether the last minute of the period is about to close: a briefing without it would miss transactions and name a minute without data. */
async function closesSoon(tx: Sql, { at, to }: Boundary, now: number, lateMs: number): Promise<boolean> {
  if (now - at >= lateMs + CLOSE_GRACE_MS) return false;
  const newest = await readNewestClosed(tx);
  return newest !== null && newest < to - MINUTE_MS && newest >= to - lateMs - STALE_MS;
}

/** The latest start or end of each shift: what came before is history. */
function latestOf(boundaries: readonly Boundary[]): Boundary[] {
  const latest = new Map<string, Boundary>();
  for (const boundary of boundaries) latest.set(boundary.shift, boundary);
  return [...latest.values()];
}

async function make(tx: Sql, boundary: Boundary, now: number, options: MakeOptions & { readonly judged: boolean }): Promise<void> {
  const { shifts, timeZone, localeOf, judged, gather } = options;
  const next = boundariesIn(shifts, timeZone, boundary.at, boundary.at + NEXT_MS).find(({ kind }) => kind === 'end');
  const period = { from: boundary.from, to: boundary.to, wall: boundary, until: next?.at ?? boundary.at + NEXT_MS };
  // What was imported from before the installation is nobody's shift.
  if (!(await hasRunBefore(tx, boundary.at))) return;
  const facts = await gatherFacts(tx, period, { judged, now, options: gather });
  const row = {
    id: boundary.id,
    shift: boundary.shift,
    kind: boundary.kind,
    due_at: boundary.at,
    made_at: now,
    from_at: boundary.from,
    to_at: boundary.to,
    facts,
  };
  if (!(await insertBriefing(tx, row))) return;
  for (const receiver of options.receivers) {
    const summary = briefingText(briefingHeadOf(row), localeOf(receiver), timeZone);
    const message = briefingMessage(receiver, boundary, { summary, endedAt: null, externalUrl: options.externalUrl });
    await queueBriefing(tx, `${receiver}-briefing-${boundary.id}`, message, now);
  }
}
