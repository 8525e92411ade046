import type { Random } from '../../src/simulate/random.ts';
import type { LabelledWindow } from './score-windows.ts';

/** Counts by status that are expected in a minute. */
export type Means = Readonly<Record<string, number>>;
type Shape = (means: Record<string, number>, strength: number) => void;

/** What an incident does to the means of its minutes, and the statuses that show it. `strength`: 0 (mild) to 1 (severe). */
interface Kind {
  readonly statuses: readonly string[];
  readonly change: Shape;
  /** Another incident in the middle of it. */
  readonly inner?: readonly string[];
}

const scale = (means: Record<string, number>, factor: number, names: readonly string[] = Object.keys(means)): void => {
  for (const name of names) means[name] = (means[name] ?? 0) * factor;
};
/** Raises a status; `taken`: part of the rise that the approved ones lose. */
const raise = (means: Record<string, number>, name: string, factor: number, taken: number): void => {
  const more = (means[name] ?? 0) * (factor - 1);
  means[name] = (means[name] ?? 0) + more;
  means['approved'] = Math.max(0, (means['approved'] ?? 0) - taken * more);
};

const KINDS: Readonly<Record<string, Kind>> = {
  'full outage': { statuses: ['approved'], change: (means) => scale(means, 0.005) },
  'partial outage': { statuses: ['approved'], change: (means, strength) => scale(means, 0.6 - 0.4 * strength) },
  'approved fall': { statuses: ['approved'], change: (means, strength) => scale(means, 0.65 - 0.35 * strength, ['approved']) },
  'denied wave': {
    statuses: ['denied', 'approved'],
    change: (means, strength) => raise(means, 'denied', 3 + 7 * strength, 0.8),
    inner: ['failed burn', 'reversed wave', 'backend_reversed wave'],
  },
  'failed burn': {
    statuses: ['failed'],
    change: (means, strength) => raise(means, 'failed', 10 + 40 * strength, 0),
    inner: ['denied wave', 'reversed wave'],
  },
  'reversed wave': { statuses: ['reversed'], change: (means, strength) => raise(means, 'reversed', 4 + 8 * strength, 0) },
  'backend_reversed wave': {
    statuses: ['backend_reversed', 'approved'],
    change: (means, strength) => raise(means, 'backend_reversed', 15 + 35 * strength, 1),
    inner: ['denied wave', 'failed burn'],
  },
  'retry storm': {
    statuses: ['denied', 'failed'],
    change: (means, strength) => {
      raise(means, 'denied', 3 + 5 * strength, 0);
      raise(means, 'failed', 5 + 10 * strength, 0);
    },
  },
};

/** Names of the kinds of incidents of a day. */
export const KIND_NAMES = Object.keys(KINDS);

/** A window of a day in which something is broken, and what is. */
export interface DayIncident extends LabelledWindow {
  readonly kind: string;
  readonly change: (means: Record<string, number>) => void;
}

/** Least evidence (nats) that the first minutes of an incident must hold on average; minutes from midnight without one. */
const REPORT_NATS = 40;
const REPORT_MINUTES = 6;
const FIRST_START = 30;
const APART = 45;
const INNER_FROM = 12;

/** Draws the incidents of one day: those of `kinds`, of 5 to 60 minutes, where the traffic is enough to tell them within six
 *  minutes. `usual`: means of a minute. About one in three that can have an inner one has it. */
export function planDay(random: Random, kinds: readonly string[], usual: (minute: number) => Means): DayIncident[] {
  const planned: DayIncident[] = [];
  for (const kind of kinds) {
    for (let attempt = 0; attempt < 100; attempt++) {
      const inner = (KINDS[kind]?.inner ?? []).find(() => random.next() < 0.2);
      const minutes = inner === undefined ? Math.round(5 * 12 ** random.next()) : 40 + random.below(21);
      const start = FIRST_START + random.below(1440 - FIRST_START - minutes - APART);
      const incident = windowOf(kind, { start, minutes, strength: random.next() });
      const isClear = planned.every((other) => start > other.end + APART || incident.end + APART < other.start);
      if (!isClear || !isTellable(incident, usual)) continue;
      planned.push(incident);
      if (inner !== undefined) planned.push(...innerOf(random, inner, incident, usual));
      break;
    }
  }
  return planned.toSorted((a, b) => a.start - b.start);
}

function windowOf(kind: string, { start, minutes, strength }: { start: number; minutes: number; strength: number }): DayIncident {
  const { statuses, change } = KINDS[kind] as Kind;
  return {
    id: `${kind}@${start}`,
    kind,
    start,
    end: start + minutes - 1,
    required: true,
    statuses,
    change: (means) => change(means, strength),
  };
}

/** An incident inside another one: its own status is not that of the outer one. */
function innerOf(random: Random, kind: string, outer: DayIncident, usual: (minute: number) => Means): DayIncident[] {
  for (let attempt = 0; attempt < 20; attempt++) {
    const start = outer.start + INNER_FROM + random.below(12);
    const incident = windowOf(kind, { start, minutes: 8 + random.below(8), strength: random.next() });
    const own = incident.statuses.filter((name) => !outer.statuses.includes(name));
    if (isTellable(incident, usual)) return [{ ...incident, statuses: own }];
  }
  return [];
}

function isTellable(incident: DayIncident, usual: (minute: number) => Means): boolean {
  let nats = 0;
  for (let minute = incident.start; minute <= Math.min(incident.end, incident.start + REPORT_MINUTES - 1); minute++) {
    const before = usual(minute);
    const after = { ...before };
    incident.change(after);
    for (const [name, from] of Object.entries(before)) {
      const to = after[name] ?? 0;
      nats += (to > 0 ? to * Math.log(to / from) : 0) - to + from;
    }
  }
  return nats >= REPORT_NATS;
}
