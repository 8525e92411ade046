import { createRandom, type Random } from '../../src/simulate/random.ts';
import { fieldProcess, type FieldFamily } from './field-families.ts';
import type { FieldProcess, FieldStep } from './field-process.ts';
import { withGaps, type SyntheticSeries } from './synthetic-kpi.ts';

const DAY_MS = 86_400_000;
const POINTS_BETWEEN = 2200;
const QUIET_START = 0.08;
const APART = 40;
/** A Monday. */
const START_MS = Date.UTC(2026, 0, 5);
/** Incidents that the people who labelled did not see, and labels on nothing, as shares of all incidents. */
const OVERLOOKED = 0.1;
const IMAGINED = 0.05;
/** An effect of this many spreads can be seen. */
const VISIBLE = 1.5;

/** What goes wrong, and at the end what is labelled though nothing does. */
export const FIELD_KINDS = ['spike', 'shift', 'ramp', 'decay', 'burst', 'wrong time', 'nothing'] as const;
const NOTHING = FIELD_KINDS.indexOf('nothing');

interface Incident {
  readonly kind: (typeof FIELD_KINDS)[number];
  readonly start: number;
  readonly length: number;
  readonly size: number;
}

/** One labelled series of a family of the field; labels start and end where somebody drew them. */
export function makeFieldSeries(family: FieldFamily, seed: string): SyntheticSeries {
  const random = createRandom(`field/${seed}/${family.name}`);
  const process = fieldProcess(family, random.fork('process'));
  const points = Math.round((family.days * DAY_MS) / family.cadenceMs);
  const times = Array.from({ length: points }, (_, index) => START_MS + index * family.cadenceMs);
  const steps = times.map((time) => process.step(time));
  const values: number[] = [];
  const visible = new Uint8Array(points);
  const incidents = planOf(family, random.fork('incidents'), points);
  drawAll({ process, steps, incidents, day: DAY_MS / family.cadenceMs }, values, visible);
  const labels = drawnLabels(visible, random.fork('labels'));
  return withGaps({ name: `${family.name}-${seed}`, family: family.name, times, values, labels }, family.gaps, random.fork('gaps'));
}

const spread = (random: Random, from: number, to: number): number => from * (to / from) ** random.next();

function planOf({ directions, cadenceMs }: FieldFamily, random: Random, points: number): Incident[] {
  const longest = cadenceMs > 60_000 ? 0.4 : 1;
  const plan: Incident[] = [];
  let at = points * QUIET_START;
  for (;;) {
    at += APART - POINTS_BETWEEN * Math.log(1 - random.next());
    const kind = FIELD_KINDS[random.below(NOTHING)] ?? 'shift';
    const [least, most] = kind === 'spike' ? [1, 6] : kind === 'wrong time' ? [20, 120] : [8, 120];
    const length = Math.max(1, Math.round(spread(random, least, Math.max(least, most * longest))));
    if (at + length + APART > points) return plan;
    const sign = directions[random.below(directions.length)] ?? 1;
    const size = kind === 'burst' ? spread(random, 2.5, 6) : sign * (kind === 'spike' ? spread(random, 5, 60) : spread(random, 2.5, 30));
    plan.push({ kind, start: Math.floor(at), length, size });
    at += length;
  }
}

interface Scene {
  readonly process: FieldProcess;
  readonly steps: readonly FieldStep[];
  readonly incidents: readonly Incident[];
  readonly day: number;
}

/** Values of a whole series; marks those in which an incident can be seen. */
function drawAll({ process, steps, incidents, day }: Scene, values: number[], visible: Uint8Array): void {
  const queue = [...incidents];
  for (const [index, step] of steps.entries()) {
    while (queue[0] !== undefined && index >= queue[0].start + queue[0].length) queue.shift();
    const now = queue[0];
    if (now === undefined || index < now.start) {
      values.push(process.draw(step, 1));
      continue;
    }
    const other = affected(now, { index, step, elsewhere: steps[(index + (day >> 1)) % steps.length] ?? step });
    const mean = Math.min(process.most, Math.max(0, other.mean));
    const factor = now.kind === 'burst' ? now.size : 1;
    if (now.kind === 'burst' || Math.abs(mean - step.mean) > VISIBLE * step.spread) visible[index] = 1 + FIELD_KINDS.indexOf(now.kind);
    values.push(process.draw({ ...other, mean }, factor));
  }
}

function affected(
  { kind, start, length, size }: Incident,
  { index, step, elsewhere }: { readonly index: number; readonly step: FieldStep; readonly elsewhere: FieldStep },
): FieldStep {
  const at = index - start;
  if (kind === 'burst') return step;
  if (kind === 'wrong time') return elsewhere;
  const share = kind === 'ramp' ? Math.min(1, (at + 1) / Math.min(length, 15)) : kind === 'decay' ? Math.exp((-2 * at) / length) : 1;
  return { ...step, mean: step.mean + size * share * step.spread };
}

/** Labels as people draw them: up to three values late or one early, up to eight too long, some missing, some on nothing. */
function drawnLabels(visible: Uint8Array, random: Random): Uint8Array {
  const labels = new Uint8Array(visible.length);
  for (let start = next(visible, 0); start >= 0;) {
    let end = start;
    for (let near = start; near >= 0 && near <= end + 10; near = next(visible, end)) end = near + 1;
    const [from, to] = [start + random.below(5) - 1, end + random.below(9)];
    if (random.next() >= OVERLOOKED) labels.fill(visible[start] ?? 1, Math.max(0, Math.min(from, end - 1)), to);
    if (random.next() < IMAGINED) {
      const nothing = random.below(visible.length - 60);
      labels.fill(1 + NOTHING, nothing, nothing + 3 + random.below(20));
    }
    start = next(visible, end);
  }
  return labels;
}

/** First index from `from` on that is marked, -1 when there is none. */
function next(marks: Uint8Array, from: number): number {
  for (let index = from; index < marks.length; index++) if ((marks[index] ?? 0) > 0) return index;
  return -1;
}
