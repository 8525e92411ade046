import { shiftEnd } from '../../briefing/shift.ts';
import { createWallClock, localTimeIn } from '../../check/time-zone.ts';
import { instantOf } from '../../check/local-day.ts';
import { snoozeAlert } from '../../respond/snooze.ts';
import { actActor } from '../act-actor.ts';
import type { Length, Reference } from '../grammar/command.ts';
import type { Turn } from '../turn.ts';
import { whereAllowed } from './allowed.ts';
import { holdElsewhere } from './hold-elsewhere.ts';
import { findAnywhere, pointedName, type Pointed } from './pointed.ts';
import { focusOn, type Reply } from './reply.ts';

/** Alerts that one line snoozes. */
const MOST = 20;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Of `1s`, and of a snooze that says no length. */
const DEFAULT_MINUTES = 15;

/** "soneca 15m", "snooze 2 for 1h", "soneca até o fim do turno": hides what was shown until then. */
export async function replySnooze(turn: Turn, of: Reference, length: Length | null): Promise<Reply> {
  const found = await findAnywhere(turn, of);
  if ('text' in found) return { text: found.text };
  const until = snoozeEndOf(turn, length ?? { minutes: DEFAULT_MINUTES });
  if (until === null) return { text: turn.say('chat.snooze.no_shift') };
  const lines: string[] = [];
  for (const item of found.items.slice(0, MOST)) lines.push(await snooze(turn, item, until));
  for (const other of found.elsewhere.slice(0, MOST)) lines.push(await holdElsewhere(turn, other, { kind: 'snooze', until }));
  return { text: lines.join('\n'), ...focusOn([...found.items, ...found.elsewhere]) };
}

/** The next instant after `at` that clocks show as a time of day. */
function nextTimeOfDay(timeZone: string, minutes: number, at: number): number {
  const wall = createWallClock(timeZone);
  const today = Math.floor(localTimeIn(timeZone)(at) / DAY_MS) * DAY_MS;
  const ends = [0, 1, 2].map((days) => instantOf(wall, today + days * DAY_MS + minutes * MINUTE_MS));
  return ends.find((end) => end > at) ?? at + DAY_MS;
}

/** When a length is over that begins when the message came, epoch milliseconds; null for the end of a shift without shifts. */
export function snoozeEndOf({ at, data }: Pick<Turn, 'at' | 'data'>, length: Length): number | null {
  if (length === 'shift') return shiftEnd(data.shifts, data.timeZone, at);
  return 'until' in length ? nextTimeOfDay(data.timeZone, length.until, at) : at + length.minutes * MINUTE_MS;
}

async function snooze(turn: Turn, item: Pointed, until: number): Promise<string> {
  const { acts, say, locale } = turn;
  const what = pointedName(turn, item);
  const alertId = item.fingerprint ?? item.anomalyId;
  const done = await whereAllowed(say, () => snoozeAlert(acts.respond, actActor(turn, alertId), { alertId, until, locale }));
  if ('denied' in done) return done.denied;
  switch (done.value.kind) {
    case 'done':
      return say('chat.snooze.done', { what, until });
    case 'not_firing':
      return say('chat.act.not_firing', { what });
    case 'invalid':
      return say('chat.snooze.too_long');
    case 'unknown':
      return say('chat.act.no_alert', { what });
  }
}
