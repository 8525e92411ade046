import { configHash, createDetector, modelVersion, type DetectorOptions } from '../detect/create-detector.ts';
import type { Detector } from '../detect/detector.ts';
import { DETECTOR_VERSION } from '../detect/settings.ts';
import type { Config } from './config-schema.ts';

/** The detector as configured: how to make one, and the stamps of what it finds. */
export interface DetectorFactory {
  /** A detector with that state, or a new one for null. Throws DETECT_SNAPSHOT_INVALID. */
  create(snapshot: Uint8Array | null): Detector;
  readonly detectorVersion: string;
  readonly modelVersion: string;
  readonly configHash: string;
}

/** Reads what the detector needs from the configuration. */
export function detectorFactory(config: Config): DetectorFactory {
  const options: DetectorOptions = { timeZone: config.time_zone };
  return {
    create: (snapshot) => createDetector(options, snapshot),
    detectorVersion: DETECTOR_VERSION,
    modelVersion: modelVersion(options),
    configHash: configHash(options),
  };
}
