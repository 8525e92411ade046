/** Parts of the method that a study can leave out, to learn what each of them earns. The product has them all: nothing in
 *  its configuration reaches them. */
export const PARTS = ['calibration', 'forest'] as const;
export type Part = (typeof PARTS)[number];
export type Parts = Readonly<Record<Part, boolean>>;

const ALL = Object.fromEntries(PARTS.map((part) => [part, true])) as Record<Part, boolean>;

/** Every part but these. */
export const partsWithout = (...parts: readonly Part[]): Parts => ({ ...ALL, ...Object.fromEntries(parts.map((part) => [part, false])) });
