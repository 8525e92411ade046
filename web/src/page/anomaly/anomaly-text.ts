import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import { isTextKey, reasonText } from '@transaction-guardian/contracts/text/console-text.ts';
import { joinReasons, moneyText, type Locale } from '@transaction-guardian/contracts/text/render-text.ts';
import type { Words } from '../../ui/locale.tsx';

/** The reasons as sentences in the reader's language; the server's own text when a reason is newer than this page.
 *  `nowMs`: time of the stream; a time of another day names its day. */
export function reasonSentences(words: Pick<Words, 'locale' | 'timeZone'>, anomaly: AnomalyView, nowMs: number): readonly string[] {
  const isKnown = anomaly.reasons.length > 0 && anomaly.reasons.every((reason) => isTextKey(`reason.${reason.code}`));
  if (!isKnown) return anomaly.reason === '' ? [] : [anomaly.reason];
  return anomaly.reasons.map((reason) => reasonText(words.locale, reason, { timeZone: words.timeZone, nowMs }));
}

/** Why the anomaly is this severe, in the reader's language; '' where nothing decided that. */
export function whySevere({ locale }: Pick<Words, 'locale'>, { severity_reason: why, severity_text: told }: AnomalyView): string {
  return why !== undefined && isTextKey(`reason.${why.code}`) ? joinReasons([reasonText(locale, why)]) : told;
}

/** Slice that the reader should look at: the smallest one that explains the excess, else the node itself. */
export function sliceOf({ slice, node }: AnomalyView) {
  const { share: _share, ...named } = slice;
  return Object.keys(named).length > 0 ? named : node;
}

/** What was lost in money, in short; '' where nothing is known or nothing was lost. */
export function lostMoney(locale: Locale, { lost_by_currency = [] }: AnomalyView): string {
  return moneyText(
    locale,
    lost_by_currency.filter(({ amount }) => amount >= 1),
  );
}
