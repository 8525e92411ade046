/** Parts of the method that a study can leave out, to learn what each of them earns, and what they are. The product has them
 *  all: nothing in its configuration reaches them. */
export const DETECTOR_PARTS = {
  profile: 'daily curve of the fleet',
  shape: 'daily curves of merchants and acquirers',
  slope: 'slope where no curve is known',
  walk: 'tuning of the memory of a level',
  dispersion: 'learning of the dispersion',
  ratios: 'three ratios of the sums (without: the nearest one)',
  slow: 'sum against the slow level: falls of hours',
  burn: 'slow reference of adverse statuses: rises of hours',
  joint: 'joint sums',
  pair: 'rule of two minutes of three',
  tail: 'calibration of the excursions',
  forest: 'Isolation Forest in the evidence',
  discoveries: 'discoveries lower the threshold',
  hysteresis: 'closing below the threshold, after three minutes',
  novelty: 'higher threshold for a second alert',
  hierarchy: 'one anomaly for the fleet and its parts',
  calibration: 'online calibration of z and ML score',
} as const;
export type DetectorPart = keyof typeof DETECTOR_PARTS;
export type Parts = Readonly<Record<DetectorPart, boolean>>;

/** Every part but these. */
export function partsWithout(...left: readonly DetectorPart[]): Parts {
  const names = Object.keys(DETECTOR_PARTS) as DetectorPart[];
  return Object.fromEntries(names.map((part) => [part, !left.includes(part)])) as Record<DetectorPart, boolean>;
}
