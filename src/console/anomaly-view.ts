import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import { joinReasons, reasonText, text, type Locale } from '@transaction-guardian/contracts/text/text.ts';

/** An anomaly with its reasons as one text, and what to do first, in a language; times of the text in `timeZone`. */
export function viewAnomaly(anomaly: Anomaly, locale: Locale, timeZone: string): AnomalyView {
  return {
    ...anomaly,
    reason: joinReasons(anomaly.reasons.map((reason) => reasonText(locale, reason, { timeZone, nowMs: Date.parse(anomaly.updated_at) }))),
    action: text(locale, `alert.action.${anomaly.type}`),
  };
}
