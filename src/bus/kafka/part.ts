/** Header of a Kafka record that holds a part of a large one. */
export const PART_HEADER = 'guardian-part';

/** One of the Kafka records that a large record travels in. `first`: offset of the first of them, null in itself. */
export interface Part {
  readonly series: string;
  readonly index: number;
  readonly count: number;
  readonly first: number | null;
}

/** The text of the header: series, place, number of parts, offset of the first. */
export function writePart({ series, index, count, first }: Part): string {
  return `${series}/${index}/${count}/${first ?? '-'}`;
}

const PATTERN = /^([\w-]{1,64})\/(\d{1,5})\/(\d{1,5})\/(-|\d{1,16})$/;

/** Reads the header; undefined when it says nothing that makes sense. */
export function readPart(text: string): Part | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, series = '', index, count, first] = match;
  const part = { series, index: Number(index), count: Number(count), first: first === '-' ? null : Number(first) };
  return part.index < part.count && (part.index === 0) === (part.first === null) ? part : undefined;
}
