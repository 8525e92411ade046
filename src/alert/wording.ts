import type { Anomaly, Severity, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { isTextKey, reasonText, text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { sliceEntries } from './cause.ts';

/** Language and IANA zone of what operators read. */
export interface WordingOptions {
  readonly locale: Locale;
  readonly timeZone: string;
}

const SYMBOLS: Readonly<Record<Severity, string>> = { critical: '🚨', warning: '⚠️', info: 'ℹ️' };

/** A slice in words, e.g. `negadas, código 51, lojista m-1`; all traffic when it is empty. */
export function sliceWords(slice: Slice, locale: Locale): string {
  const words = sliceEntries(slice).map(([field, value]) => {
    const key = `transaction.status.${value}`;
    return text(locale, `anomaly.slice.${field}`, { value: field === 'status' && isTextKey(key) ? text(locale, key) : value });
  });
  return words.length === 0 ? text(locale, 'anomaly.slice.fleet') : words.join(', ');
}

/** First line: how bad, what and where, e.g. `🚨 CRÍTICO: Zero transações · lojista m-1`. */
export function titleLine(anomaly: Anomaly, cause: Slice, options: WordingOptions): string {
  const { locale } = options;
  const resolved = anomaly.status === 'resolved';
  const level = resolved ? `✅ ${text(locale, 'alert.status.resolved')}` : `${SYMBOLS[anomaly.severity]} ${text(locale, `alert.severity.${anomaly.severity}`)}`;
  const where = sliceEntries(cause).length === 0 ? '' : ` · ${sliceWords(cause, locale)}`;
  return `${level}: ${text(locale, `anomaly.type.${anomaly.type}`)}${where}`;
}

/** How bad it is in numbers: while open the last minute, afterwards the worst one. */
function measure(anomaly: Anomaly, locale: Locale): string {
  const resolved = anomaly.status === 'resolved';
  const observed = resolved ? anomaly.peak.observed : anomaly.observed;
  const expected = resolved ? anomaly.peak.expected : anomaly.expected;
  const z = resolved ? anomaly.peak.z_score : anomaly.z_score;
  // Rates come as shares of 1; everything else is a count per minute.
  const isShare = anomaly.type === 'approval_rate_down' && expected <= 1 && observed <= 1;
  const band = { expected, low: anomaly.expected_low, high: anomaly.expected_high };
  return [
    text(locale, isShare ? 'alert.observed_pct' : 'alert.observed', { observed }),
    text(locale, isShare ? 'alert.band_pct' : 'alert.band', band),
    text(locale, 'alert.z', { z }),
  ].join(', ');
}

function times(anomaly: Anomaly): { started: string; ended: string; minutes: number } {
  return { started: anomaly.started_at, ended: anomaly.resolved_at ?? anomaly.updated_at, minutes: anomaly.duration_minutes };
}

/** Three lines for a lock screen: what, how bad, since when. */
export function summaryText(anomaly: Anomaly, cause: Slice, options: WordingOptions): string {
  const { locale } = options;
  const since = text(locale, anomaly.status === 'resolved' ? 'alert.since_resolved' : 'alert.since', times(anomaly), options);
  return [titleLine(anomaly, cause, options), measure(anomaly, locale), since].join('\n');
}

/** The explanation: reasons, the slice that explains the excess, what was lost, when it ended. */
export function descriptionText(anomaly: Anomaly, options: WordingOptions): string {
  const { locale } = options;
  const sentences = anomaly.reasons.map((reason) => withStop(reasonText(locale, reason, options)));
  if (sliceEntries(anomaly.slice).length > 0) {
    sentences.push(text(locale, 'alert.description.cause', { slice: sliceWords(anomaly.slice, locale), share: anomaly.slice.share }));
  }
  if (anomaly.lost_transactions >= 0.5) {
    sentences.push(text(locale, 'alert.description.lost', { lost: Math.round(anomaly.lost_transactions) }));
  }
  if (anomaly.status === 'resolved') sentences.push(text(locale, 'alert.description.resolved', times(anomaly), options));
  return sentences.length === 0 ? measure(anomaly, locale) : sentences.join(' ');
}

function withStop(sentence: string): string {
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** What to do first. */
export function actionText(anomaly: Anomaly, options: WordingOptions): string {
  return text(options.locale, `alert.action.${anomaly.type}`);
}

/** The whole chat message: title, system, time, numbers, cause and action, one fact a line. */
export function messageText(anomaly: Anomaly, cause: Slice, options: WordingOptions): string {
  const { locale } = options;
  const resolved = anomaly.status === 'resolved';
  const lines = [
    titleLine(anomaly, cause, options),
    text(locale, 'alert.message.system'),
    text(locale, resolved ? 'alert.message.resolved_at' : 'alert.message.time', times(anomaly), options),
    text(locale, resolved ? 'alert.message.peak' : 'alert.message.now', { measure: measure(anomaly, locale) }),
  ];
  if (sliceEntries(anomaly.slice).length > 0) {
    lines.push(text(locale, 'alert.message.cause', { slice: sliceWords(anomaly.slice, locale), share: anomaly.slice.share }));
  }
  if (!resolved) lines.push(text(locale, 'alert.message.action', { action: actionText(anomaly, options) }));
  return lines.join('\n');
}
