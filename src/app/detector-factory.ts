import { readFileSync } from 'node:fs';
import { configHash, createDetector, modelVersion, stateHash, type DetectorOptions } from '../detect/engine/create-detector.ts';
import type { Detector } from '../detect/engine/detector.ts';
import { loadModel, type LoadedModel } from '../detect/forest/model.ts';
import type { ShardPool } from '../detect/shard/shard-pool.ts';
import { createShardedDetector } from '../detect/shard/sharded-detector.ts';
import { DETECTOR_VERSION } from '../detect/series/settings.ts';
import type { Parts } from '../detect/series/parts.ts';
import { GuardianError, messageOf } from '../errors.ts';
import type { Config } from '../config/config-schema.ts';
import { holidayDates } from '../config/holiday-dates.ts';

/** The detector as configured: how to make one, and the stamps of what it finds. */
export interface DetectorFactory {
  /** A detector with that state, or a new one for null. Throws DETECT_SNAPSHOT_INVALID. */
  create(snapshot: Uint8Array | null): Detector;
  /** The same with its merchants in the shards of a pool. */
  createSharded(snapshot: Uint8Array | null, pool: ShardPool): Detector;
  readonly detectorVersion: string;
  readonly modelVersion: string;
  readonly configHash: string;
  /** What of it the stored state depends on. */
  readonly stateHash: string;
}

/** Reads what the detector needs from the configuration, and the model file when one is named. Throws DETECT_MODEL_INVALID,
 *  and CONFIG_INVALID for a calendar that does not exist. `parts`: for studies of what each part of the method earns.
 *  `cacheDir`: where the calendar of holidays is kept between starts. */
export function detectorFactory(config: Config, parts?: Parts, cacheDir?: string): DetectorFactory {
  const { model, holidays, severity, merchants_most: merchantsMost } = config.detect;
  const options: DetectorOptions = {
    timeZone: config.time_zone,
    holidays: holidayDates(holidays, cacheDir),
    severity,
    merchantsMost,
    ...(model === undefined ? {} : { model: readModel(model) }),
    ...(parts === undefined ? {} : { parts }),
  };
  return {
    create: (snapshot) => createDetector(options, snapshot),
    createSharded: (snapshot, pool) => createShardedDetector(options, snapshot, pool.links()),
    detectorVersion: DETECTOR_VERSION,
    modelVersion: modelVersion(options),
    configHash: configHash(options),
    stateHash: stateHash(options),
  };
}

function readModel(path: string): LoadedModel {
  try {
    return loadModel(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new GuardianError('DETECT_MODEL_INVALID', `The model ${path} (detect.model) cannot be used: ${messageOf(error)}`, {
      cause: error,
      rule: 'model_file',
      params: { path },
    });
  }
}
