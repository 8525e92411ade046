/** What a person says of an anomaly. `useful`: it was worth telling; `noise`: it was not; `accept_level`: the counts are
 *  right as they are now, take them as normal. */
export const VERDICTS = ['useful', 'noise', 'accept_level'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Longest comment, characters. */
export const MAX_COMMENT = 500;
