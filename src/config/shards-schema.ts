import { Type } from 'typebox';

/** Number of shards of the detector. */
export const ShardsSchema = Type.Integer({
  minimum: 1,
  maximum: 32,
  default: 1,
  description:
    'Processes that judge the merchants, each a range of them; the detector judges the fleet above them. 1: the detector judges all. Any number gives the same anomalies and goes on from the same stored state.',
});
