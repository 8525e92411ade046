import type { AnomalyType } from './anomaly-type.ts';

/** What the program says of itself, in the way that it reports traffic. No detector raises it, no verdict is about it. */
export type SelfType = 'detector_behind';
export const SELF_TYPES: readonly AnomalyType[] = ['detector_behind'] satisfies readonly SelfType[];
