import type { reasonPtBr } from './reason-pt-br.ts';

/** Sentences that explain an anomaly, in English. */
export const reasonEn: Record<keyof typeof reasonPtBr, string> = {
  'reason.above': '{what:status} {observed:1}/min against {expected:1} expected (z {z:signed})',
  'reason.accepted': 'stable for {minutes} {minutes:minute|minutes} at the new level, which is the normal one now',
  'reason.accepted_by_person': 'a person took the new level as normal',
  'reason.acquirer': '{share:pct} at acquirer {acquirer}',
  'reason.acquirer_bin': '{share:pct} at acquirer {acquirer}, BIN {bin}',
  'reason.acquirer_merchant': '{share:pct} at acquirer {acquirer}, merchant {merchant}',
  'reason.acquirer_method': '{share:pct} at acquirer {acquirer}, method {method}',
  'reason.all_code': 'all of it code {code}',
  'reason.approved_down': 'approved {change:pct}',
  'reason.below': '{what:status} {observed:1}/min against {expected:1} expected (z {z:signed})',
  'reason.bin': '{share:pct} at BIN {bin}',
  'reason.bin_merchant': '{share:pct} at BIN {bin}, merchant {merchant}',
  'reason.bin_method': '{share:pct} at BIN {bin}, method {method}',
  'reason.code': '{share:pct} code {code}',
  'reason.code_above': 'code {code} {observed:1}/min against {expected:1} expected (z {z:signed})',
  'reason.data_ended': 'the data stopped at {at:time}: whether it is over is not known',
  'reason.detector_behind':
    'traffic has been judged up to {until:datetime} only, {minutes:0} min behind: an outage after that has not been noticed',
  'reason.detector_behind_all': 'no traffic has been judged yet: an outage has not been noticed',
  'reason.detector_caught_up': 'the detector has caught up, after being up to {minutes:0} min behind',
  'reason.drift': '{what:status} will cross the bar in ~{minutes} min at this pace ({share:pct} of the bar now)',
  'reason.drift_now': '{observed:1}/min lately against {expected:1} usual',
  'reason.drift_opened': 'it crossed: the anomaly is open',
  'reason.drift_precision': '{confirmed} of {count} such warnings came true within an hour (simulated companies)',
  'reason.drift_stopped': 'the drift has stopped',
  'reason.folded': 'and {count} more {count:signal|signals} of the same cause',
  'reason.incomplete': 'not judged: a row with a count of this minute was refused',
  'reason.learning': 'still learning: too little history to judge; send the earlier minutes too',
  'reason.marked_noise': 'a person called it noise',
  'reason.merchant': '{share:pct} at merchant {merchant}',
  'reason.merchant_method': '{share:pct} at merchant {merchant}, method {method}',
  'reason.method': '{share:pct} at payment method {method}',
  'reason.no_data': 'no data for {minutes} {minutes:minute|minutes}; {expected:1}/min expected',
  'reason.part_of': 'part of a larger cause, told for the whole fleet',
  'reason.pattern': 'unusual pattern (ML score {ml:2})',
  'reason.rate_down': 'approved {observed:1}/min against {expected:1} expected, with the total almost normal (z {z:signed})',
  'reason.renamed': 'first told as: {was:anomaly}',
  'reason.renamed_part': 'first told as: {was:anomaly} of {part}',
  'reason.severity_amount_rate': '{severity:critical=critical|warning}: {amount:money} lost a minute (limit {limit:money})',
  'reason.severity_below':
    '{rate:1}/min affected ({lost:1}/min fewer approved), {share:pct} of fleet traffic: below the limits of a warning',
  'reason.severity_fleet_money':
    "{severity:critical=critical|warning}: {amount:money} lost a minute, {share:pct} of the fleet's usual money (limit {limit:pct})",
  'reason.severity_fleet_share':
    '{severity:critical=critical|warning}: {rate:1}/min affected ({lost:1}/min fewer approved), {share:pct} of fleet traffic (limit {limit:pct})',
  'reason.severity_least':
    'warning: {rate:1}/min affected ({lost:1}/min fewer approved), {share:pct} of fleet traffic (critical from {limit:pct})',
  'reason.severity_lost': '{severity:critical=critical|warning}: {lost:0} transactions lost since the start (limit {limit})',
  'reason.severity_lost_amount': '{severity:critical=critical|warning}: {amount:money} lost since the start (limit {limit:money})',
  'reason.severity_lost_minutes':
    '{severity:critical=critical|warning}: {lost:0} transactions lost since the start, as many as the fleet has in {minutes:1} min (limit {limit} min)',
  'reason.severity_money_minutes':
    '{severity:critical=critical|warning}: {amount:money} lost since the start, as much as the fleet makes in {minutes:1} min (limit {limit} min)',
  'reason.severity_no_loss': 'more traffic than usual loses nothing',
  'reason.severity_rate': '{severity:critical=critical|warning}: {rate:1}/min affected ({lost:1}/min fewer approved) (limit {limit}/min)',
  'reason.severity_share':
    '{severity:critical=critical|warning}: {rate:1}/min affected ({lost:1}/min fewer approved), {share:pct} of its own traffic (limit {limit:pct}) and {fleet:pct} of that of the fleet',
  'reason.since': 'since {at:time}',
  'reason.slow_burn': 'a slow burn: {change:pct} on the level of the last days',
  'reason.stable_new_level': 'stable at the new level for {minutes} {minutes:minute|minutes}; if that is normal now, accept it',
  'reason.value': '{observed:2} against {expected:2} expected (z {z:signed})',
  'reason.value_frozen': 'the value does not change any more: {observed:2}',
  'reason.zero': 'no transaction for {minutes} {minutes:minute|minutes}; {expected:1}/min expected',
};
