import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { listedOf, moreLine } from '@transaction-guardian/contracts/text/many-alerts.ts';
import { pluginText } from '@transaction-guardian/contracts/text/plugin-text.ts';
import type { Locale } from '@transaction-guardian/contracts/text/render-text.ts';
import { plainLines, type Line } from '../render/line.ts';
import type { IncomingAlert, IncomingGroup } from '../payload.ts';
import { inOrder, alertSeverity, type OrderedAlert } from './severity.ts';

export interface TextSettings {
  readonly locale: Locale;
  readonly timeZone: string;
}

const MARKS: Readonly<Record<Severity, string>> = { critical: '🚨', warning: '⚠️', info: 'ℹ️' };
/** Our name in labels. */
const OURS = 'transaction-guardian';
/** Alerts that a message has room for, however many are critical. */
const LISTED = 13;
/** Longest text of an annotation that is shown, characters. */
const LONGEST = 600;

/** First line of an alert: how bad it is, what and where. */
export function alertTitle(alert: IncomingAlert, { locale }: TextSettings): string {
  const [written = ''] = (alert.annotations['message'] ?? '').split('\n');
  if (isUnconfirmed(alert)) return short(pluginText(locale, 'plugin.alert.unconfirmed', { title: bareTitle(written) }));
  if (written !== '') return short(written);
  const severity = alertSeverity(alert);
  const [summary = ''] = (alert.annotations['summary'] ?? '').split('\n');
  const what = short(summary === '' ? (alert.labels['alertname'] ?? 'Alert') : summary);
  const level =
    alert.status === 'resolved'
      ? `✅ ${pluginText(locale, 'alert.status.resolved')}`
      : `${MARKS[severity]} ${levelOf(alert.labels['severity'] ?? severity)}`;
  // The server writes how bad it is into its summaries.
  return /^\p{Extended_Pictographic}/u.test(what) ? what : `${level}: ${what}`;
}

/** The server words the end of an alert itself. Where it did not, Alertmanager ended the alert because nobody kept it alive: nothing is
 *  known then. */
function isUnconfirmed({ status, annotations }: IncomingAlert): boolean {
  const message = annotations['message'] ?? '';
  return status === 'resolved' && Object.values(MARKS).some((mark) => message.startsWith(mark));
}

/** The lines of a message whose channel may have had one with the same news already: its title says so. */
export function repeatedLines(lines: readonly Line[], { locale }: Pick<TextSettings, 'locale'>): Line[] {
  return lines.map((line, at) => (at === 0 ? { ...line, text: pluginText(locale, 'plugin.alert.repeated', { title: line.text }) } : line));
}

/** The sign of an alert in a list. */
export function severityMark(alert: IncomingAlert): string {
  if (isUnconfirmed(alert)) return '❔';
  return alert.status === 'resolved' ? '✅' : MARKS[alertSeverity(alert)];
}

/** A title without the sign and the word for how bad it is. */
export const bareTitle = (title: string): string => title.replace(/^\p{Extended_Pictographic}\ufe0f?\s*[^:]{1,24}:\s*/u, '');

/** How bad a rule calls it, in the word of the rule, whose summary stands beside it: `CRITICAL`. */
const levelOf = (label: string): string => Array.from(label.toUpperCase()).slice(0, 20).join('');

/** The message about a group: the worst alert in full, as the server words it or as its labels say, the others by a line each. */
export function groupLines({ alerts, truncatedAlerts }: IncomingGroup, settings: TextSettings): Line[] {
  const { locale, timeZone } = settings;
  const ordered = inOrder(alerts);
  const [first] = ordered;
  if (first === undefined) return [];
  const lines = alertLines(first, settings);
  if (ordered.length === 1 && truncatedAlerts === 0) return lines;
  const listed = Math.min(LISTED, listedOf(ordered));
  const unlisted = unlistedLines(ordered.slice(listed), truncatedAlerts, locale);
  const shown = ordered.slice(1, listed);
  const branchAt = (at: number): string => (at === shown.length - 1 && unlisted.length === 0 ? '└──' : '├──');
  return [
    ...lines,
    { text: '' },
    { text: pluginText(locale, 'plugin.alert.count', { n: ordered.length + truncatedAlerts }) },
    ...shown.map((alert, at) => ({
      text: pluginText(
        locale,
        'plugin.burst.line',
        { mark: branchAt(at), title: alertTitle(alert, settings), time: alert.startsAt },
        { timeZone },
      ),
    })),
    ...unlisted,
  ];
}

/** How many alerts of each kind are not listed; no line for none. `unread`: further ones, of which Alertmanager gave the number only. */
export function unlistedLines(alerts: readonly OrderedAlert[], unread: number, locale: Locale): Line[] {
  if (alerts.length + unread === 0) return [];
  return [{ text: moreLine(alerts, (key, params) => pluginText(locale, key, params), unread) }];
}

function alertLines(alert: IncomingAlert, settings: TextSettings): Line[] {
  const { annotations } = alert;
  if (isUnconfirmed(alert))
    return [{ text: alertTitle(alert, settings), style: 'strong' }, { text: pluginText(settings.locale, 'plugin.alert.unconfirmed_why') }];
  if (annotations['message'] !== undefined) return [...plainLines(short(annotations['message'], 4)), ...linkLines(alert, settings)];
  const { locale, timeZone } = settings;
  const say = (key: Parameters<typeof pluginText>[1], params: Record<string, string>): Line => ({
    text: short(pluginText(locale, key, params, { timeZone })),
  });
  const [, ...details] = (annotations['summary'] ?? '').split('\n');
  const description = details.length > 0 ? details.join('\n') : (annotations['description'] ?? '');
  return [
    { text: alertTitle(alert, settings), style: 'strong' },
    ...(description === ''
      ? []
      : short(description, 2)
          .split('\n')
          .map((text) => ({ text }))),
    say('plugin.message.system', { system: systemOf(alert) }),
    alert.status === 'resolved' && alert.endsAt !== ''
      ? say('plugin.message.time_over', { started: alert.startsAt, ended: alert.endsAt })
      : say('plugin.message.time', { started: alert.startsAt }),
    ...(annotations['action'] === undefined ? [] : [say('plugin.message.action', { action: annotations['action'] })]),
    ...(annotations['impact'] === undefined ? [] : [say('plugin.message.impact', { impact: annotations['impact'] })]),
    ...linkLines(alert, settings),
  ];
}

/** The system that an alert is about; ours by its name. */
function systemOf({ labels }: IncomingAlert): string {
  const named = labels['service'] ?? labels['job'] ?? OURS;
  return named === OURS ? 'Transaction Guardian' : named;
}

function linkLines({ status, annotations }: IncomingAlert, { locale }: TextSettings): Line[] {
  const [runbook, url] = [reachable(annotations['runbook_url']), reachable(annotations['url'])];
  return [
    ...(runbook === undefined || status === 'resolved' ? [] : [{ text: pluginText(locale, 'plugin.message.runbook', { runbook }) }]),
    ...(url === undefined ? [] : [{ text: pluginText(locale, 'plugin.message.link', { url }) }]),
  ];
}

/** A link that a phone can open: none of this machine. */
function reachable(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  return /^(?:localhost|127\.|\[::1\]|0\.0\.0\.0)/.test(new URL(url).hostname) ? undefined : url;
}

/** A text that cannot fill a screen; `times` as long as one annotation. */
function short(text: string, times = 1): string {
  const characters = Array.from(text);
  return characters.length <= LONGEST * times ? text : `${characters.slice(0, LONGEST * times - 1).join('')}…`;
}
