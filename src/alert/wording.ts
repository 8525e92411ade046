import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import { SEVERITIES, type AnomalyType, type Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { measureOf, type ShownFigures } from '@transaction-guardian/contracts/measure.ts';
import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import {
  isTextKey,
  moneyText,
  reasonText,
  text,
  type Locale,
  type TextOptions,
  type TextParams,
} from '@transaction-guardian/contracts/text/text.ts';
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

/** How bad an alert is, or that it is over: `🚨 CRÍTICO`. */
export const levelText = (severity: Severity, isOver: boolean, locale: Locale): string =>
  isOver ? `✅ ${text(locale, 'alert.status.resolved')}` : `${SYMBOLS[severity]} ${text(locale, `alert.severity.${severity}`)}`;

/** First line: how bad, what and where, e.g. `🚨 CRÍTICO: Zero transações · lojista m-1`. */
export function titleLine(anomaly: Anomaly, cause: Slice, options: WordingOptions): string {
  const { locale } = options;
  const level = levelText(anomaly.severity, anomaly.status === 'resolved', locale);
  // The figures below are those of the node: a place that only explains them does not stand above them.
  const own = Object.fromEntries(sliceEntries(cause).filter(([field]) => !isPlace(field) || anomaly.node[field] !== undefined));
  return `${level}: ${headline(anomaly.type, own, locale)}`;
}

const isPlace = (field: string): boolean => field === 'merchant_id' || field === 'acquirer';

/** The place that explains most of the figures of a wider node, with its share; '' where there is none. */
function placeText({ slice, node }: Anomaly, locale: Locale): string {
  const place = Object.fromEntries(sliceEntries(slice).filter(([field]) => isPlace(field) && node[field] === undefined));
  if (sliceEntries(place).length === 0) return '';
  return ` · ${text(locale, 'alert.place', { slice: sliceWords(place, locale), share: slice.share })}`;
}

/** What broke and where, e.g. `Zero transações · lojista m-1`. */
function headline(type: AnomalyType, cause: Slice, locale: Locale): string {
  // "Denials above normal" says the status already.
  const { status, ...others } = cause;
  const named: Slice = status === undefined || type.endsWith('_above_normal') ? others : cause;
  const where = sliceEntries(named).length === 0 ? '' : ` · ${sliceWords(named, locale)}`;
  return `${text(locale, `anomaly.type.${type}`)}${where}`;
}

/** Texts of an alert that another one of the same anomaly replaces, e.g. `↪ SUBSTITUÍDO: Volume baixo` and the new headline. */
export function replacedTexts(
  ended: Anomaly,
  cause: Slice,
  next: Alert,
  options: WordingOptions,
): { readonly summary: string; readonly description: string; readonly action: string } {
  const { locale } = options;
  const severity = text(locale, `alert.severity.${next.severity}`);
  const isEscalated = escalatedTo(ended.severity, next.severity) !== null;
  const status = isEscalated ? text(locale, 'alert.status.escalated', { severity }) : text(locale, 'alert.status.replaced');
  const title = `↪ ${status}: ${headline(ended.type, cause, locale)}`;
  const now = text(locale, 'alert.replaced_by', { severity, what: headline(next.type, next.slice, locale) });
  const why = isEscalated && ended.severity_reason !== undefined ? reasonText(locale, ended.severity_reason, dated(ended, options)) : '';
  const description = why === '' ? now : `${now}\n${capital(why, locale)}`;
  return {
    summary: `${title}\n${description}`,
    description,
    action: text(locale, `alert.action.${next.type}`),
  };
}

/** What a receiver reads whose list does not have the severity to which an alert that it knows has escalated. */
export function notHereText(severity: Severity, { locale }: WordingOptions): string {
  return text(locale, 'alert.not_here', { severity: text(locale, `alert.severity.${severity}`) });
}

/** The severity to which an alert that another one replaces has escalated; null where it has not. */
export function escalatedTo(before: Severity, after: Severity): Severity | null {
  return SEVERITIES.indexOf(after) < SEVERITIES.indexOf(before) ? after : null;
}

/** Most lines about what a receiver missed; the newest ones stay. */
const MISSED_LINES = 5;

/** A line for each alert that began and ended before a receiver took a message about it, e.g. `Perdido: Zero transações,
 *  03:10–03:15`. Sorted as given; `now`: epoch milliseconds, times of another day name their day. */
export function missedLines(alerts: readonly Alert[], { locale, timeZone }: WordingOptions, now: number): string[] {
  const newest = alerts.slice(-MISSED_LINES);
  const lines = newest.map(({ type, slice, starts_at: started, ends_at: ended }) =>
    text(
      locale,
      'alert.missed',
      { what: headline(type, slice, locale), started, ended: ended ?? started },
      {
        timeZone,
        nowMs: now,
      },
    ),
  );
  const others = alerts.length - newest.length;
  return others === 0 ? lines : [...lines, text(locale, 'alert.missed_more', { n: others })];
}

/** How bad it is in numbers: counts a minute, or a share where the anomaly is one of a rate; of one minute, or means of the period.
 *  `say`: reads a text. Pure. */
export function measureText(say: (key: MeasureKey, params: TextParams) => string, type: AnomalyType, shown: ShownFigures): string {
  const isShare = type === 'approval_rate_down';
  if (shown.of === 'period') {
    const { observed, expected, z } = shown;
    return say(isShare ? 'alert.measure_approved' : 'alert.measure_mean', { observed, expected, z });
  }
  const { observed, expected, expected_low: low, expected_high: high, z_score: z } = shown.figures;
  return say(isShare ? 'alert.measure_share' : 'alert.measure', { observed, expected, low, high, z });
}

type MeasureKey = 'alert.measure' | 'alert.measure_share' | 'alert.measure_mean' | 'alert.measure_approved';

/** The numbers of an anomaly, and with what they are of: now, the worst minute, or the period. */
function measures(anomaly: Anomaly, locale: Locale): { readonly bare: string; readonly labelled: string; readonly isOfPeriod: boolean } {
  const shown = measureOf(anomaly, anomaly);
  const bare = measureText((key, params) => text(locale, key, params), anomaly.type, shown);
  const ofMinute = anomaly.status === 'resolved' ? 'alert.message.peak' : 'alert.message.now';
  const isOfPeriod = shown.of === 'period';
  return { bare, labelled: text(locale, isOfPeriod ? 'alert.message.period' : ofMinute, { measure: bare }), isOfPeriod };
}

/** What the program says of itself has no counts to measure: its reasons say how bad it is. Null for anything else. */
function selfText(anomaly: Anomaly, options: WordingOptions): string | null {
  if (!SELF_TYPES.includes(anomaly.type)) return null;
  const said = anomaly.reasons.map((reason) => reasonText(options.locale, reason, dated(anomaly, options))).join('; ');
  return capital(said, options.locale);
}

/** Of a warning that stands: when it crosses the threshold, and how many such warnings came true. Null for anything else. */
function forecastText(anomaly: Anomaly, options: WordingOptions): string | null {
  if (anomaly.type !== 'drift_warning' || anomaly.status === 'resolved') return null;
  const drifts = anomaly.reasons.filter(({ code }) => code === 'drift' || code === 'drift_precision');
  const said = drifts.map((reason) => reasonText(options.locale, reason, dated(anomaly, options))).join('; ');
  return said === '' ? null : capital(said, options.locale);
}

function times(anomaly: Anomaly): { started: string; ended: string; minutes: number } {
  return { started: anomaly.started_at, ended: anomaly.resolved_at ?? anomaly.updated_at, minutes: anomaly.duration_minutes };
}

/** Times of another day than the anomaly's last news name their day. */
function dated(anomaly: Anomaly, { timeZone }: WordingOptions): TextOptions {
  return { timeZone, nowMs: Date.parse(anomaly.resolved_at ?? anomaly.updated_at) };
}

/** Three lines for a lock screen: what, how bad, since when. */
export function summaryText(anomaly: Anomaly, cause: Slice, options: WordingOptions): string {
  const { locale } = options;
  const since = text(
    locale,
    anomaly.status === 'resolved' ? 'alert.since_resolved' : 'alert.since',
    times(anomaly),
    dated(anomaly, options),
  );
  const self = selfText(anomaly, options);
  const { bare, labelled, isOfPeriod } = measures(anomaly, locale);
  const line = self ?? forecastText(anomaly, options) ?? (anomaly.status === 'resolved' || isOfPeriod ? labelled : bare);
  const money = moneyOf(anomaly, locale);
  const lost = money === '' ? '' : ` · ${text(locale, 'alert.lost_amount', { money })}`;
  return [titleLine(anomaly, cause, options), line, since + placeText(anomaly, locale) + lost].join('\n');
}

/** What was lost in money, in short; '' where nothing is known or nothing was lost. */
export function moneyOf(anomaly: Anomaly, locale: Locale): string {
  return moneyText(
    locale,
    (anomaly.lost_by_currency ?? []).filter(({ amount }) => amount >= 1),
  );
}

/** What customers lose: approved transactions, and money where it is known. */
export function impactText(anomaly: Anomaly, locale: Locale): string {
  const [lost, money] = [Math.round(anomaly.lost_transactions), moneyOf(anomaly, locale)];
  if (lost === 0) return text(locale, 'alert.impact.none');
  return text(locale, money === '' ? 'alert.description.lost' : 'alert.description.lost_amount', { lost, money });
}

/** The explanation: reasons, what was lost, why it is this severe, when it ended; the slice that explains the excess where no reason says it. */
export function descriptionText(anomaly: Anomaly, options: WordingOptions): string {
  const { locale } = options;
  const sentences = [reasonsSentence(anomaly, options)];
  if (anomaly.lost_transactions >= 0.5) {
    const [lost, money] = [Math.round(anomaly.lost_transactions), moneyOf(anomaly, locale)];
    sentences.push(text(locale, money === '' ? 'alert.description.lost' : 'alert.description.lost_amount', { lost, money }));
  }
  const { severity_reason: why } = anomaly;
  if (why !== undefined && anomaly.severity !== 'info')
    sentences.push(`${capital(reasonText(locale, why, dated(anomaly, options)), locale)}.`);
  if (anomaly.status === 'resolved') sentences.push(text(locale, 'alert.description.resolved', times(anomaly), options));
  return sentences.join(' ');
}

function reasonsSentence(anomaly: Anomaly, options: WordingOptions): string {
  const { locale } = options;
  const parts = anomaly.reasons.map((reason) => reasonText(locale, reason, dated(anomaly, options)));
  if (parts.length === 0) {
    parts.push(measures(anomaly, locale).bare);
    if (sliceEntries(anomaly.slice).length > 0) parts.push(causeText(anomaly, 'alert.description.cause', locale));
  }
  const sentence = parts.join('; ');
  return `${capital(sentence, locale)}.`;
}

const capital = (sentence: string, locale: Locale): string => `${sentence.charAt(0).toLocaleUpperCase(locale)}${sentence.slice(1)}`;

function causeText(anomaly: Anomaly, key: 'alert.description.cause' | 'alert.message.cause', locale: Locale): string {
  return text(locale, key, { slice: sliceWords(anomaly.slice, locale), share: anomaly.slice.share });
}

/** What to do first. */
export function actionText(anomaly: Anomaly, options: WordingOptions): string {
  return text(options.locale, `alert.action.${anomaly.type}`);
}

/** The whole chat message: title, system, time, numbers, cause and action, one fact a line. */
export function alertText(anomaly: Anomaly, cause: Slice, options: WordingOptions): string {
  const { locale } = options;
  const resolved = anomaly.status === 'resolved';
  const lines = [
    titleLine(anomaly, cause, options),
    text(locale, 'alert.message.system'),
    text(locale, resolved ? 'alert.message.resolved_at' : 'alert.message.time', times(anomaly), dated(anomaly, options)),
    selfText(anomaly, options) ?? measures(anomaly, locale).labelled,
  ];
  const forecast = forecastText(anomaly, options);
  if (forecast !== null) lines.push(text(locale, 'alert.message.forecast', { forecast }));
  else if (sliceEntries(anomaly.slice).length > 0) {
    lines.push(causeText(anomaly, 'alert.message.cause', locale));
  }
  const money = moneyOf(anomaly, locale);
  if (money !== '') lines.push(text(locale, 'alert.message.lost', { lost: Math.round(anomaly.lost_transactions), money }));
  if (!resolved) lines.push(text(locale, 'alert.message.action', { action: actionText(anomaly, options) }));
  return lines.join('\n');
}
