import type { Anomaly, Reason } from '@transaction-guardian/contracts/anomaly.ts';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import { joinReasons, reasonText, text, type Locale } from '@transaction-guardian/contracts/text/text.ts';

/** An anomaly with its reasons as one text, why it is this severe, and what to do first, in a language; times of the text in `timeZone`. */
export function viewAnomaly(anomaly: Anomaly, locale: Locale, timeZone: string): AnomalyView {
  const sentence = (reason: Reason): string => reasonText(locale, reason, { timeZone, nowMs: Date.parse(anomaly.updated_at) });
  const { severity_reason: why } = anomaly;
  return {
    ...anomaly,
    reason: joinReasons(anomaly.reasons.map(sentence)),
    severity_text: why === undefined ? '' : joinReasons([sentence(why)]),
    action: text(locale, `alert.action.${anomaly.type}`),
  };
}
