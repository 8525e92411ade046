import { Type } from 'typebox';

/** Number of shards of the detector. */
const ShardsSchema = Type.Integer({
  minimum: 1,
  maximum: 32,
  default: 1,
  description:
    'Processes that judge the merchants, each a range of them; the detector judges the fleet above them. 1: the detector judges all. Any number gives the same anomalies and goes on from the same stored state.',
});

/** Most merchants that the detector watches. */
const MerchantsMostSchema = Type.Integer({
  minimum: 100,
  maximum: 1_000_000,
  default: 50_000,
  description:
    'Merchants that the detector watches at most, so that invented names cannot fill the memory: one with all statuses is 7 series, some 4.2 KB where it is judged. Counts of others go to the fleet (`guardian_detector_unwatched_counts`), and those idle for longest make room.',
});

/** Settings of how many merchants the detector has, and where. */
export const MERCHANTS = { shards: ShardsSchema, merchants_most: MerchantsMostSchema } as const;
