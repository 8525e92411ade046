import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from './figure.ts';

/** The best that was committed of a figure, and how far below it a later change may fall (same unit). */
export interface Floor {
  readonly best: number;
  readonly margin: number;
}
export type Floors = Readonly<Record<string, Floor>>;

const FILE = join(import.meta.dirname, 'floor.json');

/** The committed floors by figure. */
export const readFloors = (): Floors => JSON.parse(readFileSync(FILE, 'utf8')) as Floors;

/** The figures that fell below their floor, as sentences. A figure without a floor is free. */
export function fallenBelow(figures: readonly Figure[], floors: Floors): string[] {
  return figures.flatMap(({ id, name, value, unit, better }) => {
    const floor = floors[id];
    if (floor === undefined) return [];
    const limit = better === 'higher' ? floor.best - floor.margin : floor.best + floor.margin;
    const isHeld = better === 'higher' ? value >= limit : value <= limit;
    return isHeld ? [] : [`${id} (${name}): ${value} ${unit}, its best is ${floor.best} and it may be ${limit}`];
  });
}

/** Floors that know these figures: better values replace the best ones, new figures get their margin. Left out are
 *  speed, which depends on the machine, and what parts earn, which is no quality of the whole. */
export function raiseFloors(figures: readonly Figure[], floors: Floors): Floors {
  const raised: Record<string, Floor> = { ...floors };
  for (const { id, value, better, unit } of figures) {
    if (id.startsWith('speed.') || id.startsWith('ablation.') || !Number.isFinite(value)) continue;
    const before = floors[id];
    const rounded = Math.round(value * 1e4) / 1e4;
    if (before === undefined) raised[id] = { best: rounded, margin: marginOf(unit, rounded) };
    else raised[id] = { ...before, best: better === 'higher' ? Math.max(before.best, rounded) : Math.min(before.best, rounded) };
  }
  return Object.fromEntries(Object.entries(raised).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export function writeFloors(floors: Floors): void {
  const lines = Object.entries(floors).map(
    ([id, floor]) => `  ${JSON.stringify(id)}: { "best": ${floor.best}, "margin": ${floor.margin} }`,
  );
  writeFileSync(FILE, `{\n${lines.join(',\n')}\n}\n`);
}

/** Counts of labelled things and minutes have no margin; shares, scores and rates have a small one. */
function marginOf(unit: string, best: number): number {
  if (unit === '%') return 1;
  if (unit === 'F1' || unit === 'of 1') return 0.01;
  if (unit === 'of 100') return 1;
  if (unit === 'x') return 0.1;
  if (unit === '% off') return 10;
  if (unit.startsWith('a ')) return Math.max(0.0005, Math.round(best * 2e3) / 1e4);
  return 0;
}
