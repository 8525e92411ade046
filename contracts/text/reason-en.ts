import type { reasonPtBr } from './reason-pt-br.ts';

/** Sentences that explain an anomaly, in English. */
export const reasonEn: Record<keyof typeof reasonPtBr, string> = {
  'reason.above': '{what:status} {observed:1}/min against {expected:1} expected (z {z:signed})',
  'reason.accepted': 'stable for {minutes} {minutes:minute|minutes} at the new level, which is the normal one now',
  'reason.acquirer': '{share:pct} at acquirer {acquirer}',
  'reason.all_code': 'all of it code {code}',
  'reason.approved_down': 'approved {change:pct}',
  'reason.below': '{what:status} {observed:1}/min against {expected:1} expected (z {z:signed})',
  'reason.code': '{share:pct} code {code}',
  'reason.code_above': 'code {code} {observed:1}/min against {expected:1} expected (z {z:signed})',
  'reason.data_ended': 'the data stopped at {at:time}: whether it is over is not known',
  'reason.folded': 'and {count} more {count:signal|signals} of the same cause',
  'reason.learning': 'still learning: too little history to judge; send the earlier minutes too',
  'reason.merchant': '{share:pct} at merchant {merchant}',
  'reason.no_data': 'no data for {minutes} {minutes:minute|minutes}; {expected:1}/min expected',
  'reason.part_of': 'part of a larger cause, told for the whole fleet',
  'reason.pattern': 'unusual pattern (ML score {ml:2})',
  'reason.rate_down': 'approved {observed:1}/min against {expected:1} expected, with the total almost normal (z {z:signed})',
  'reason.renamed': 'first told as: {was:anomaly}',
  'reason.renamed_part': 'first told as: {was:anomaly} of {part}',
  'reason.since': 'since {at:time}',
  'reason.value': '{observed:2} against {expected:2} expected (z {z:signed})',
  'reason.zero': 'no transaction for {minutes} {minutes:minute|minutes}; {expected:1}/min expected',
};
