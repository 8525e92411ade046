import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { SEVERITIES } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Message, NotifiedAlert } from '@transaction-guardian/contracts/message.ts';
import { alertKinds, listedOf, moreLine, worstAlertsFirst, type SayMany } from '@transaction-guardian/contracts/text/many-alerts.ts';
import { text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { messageStatus } from '../../message.ts';
import { plainLine } from './plain-line.ts';

/** A link under an alert. */
export interface MessageLink {
  readonly label: string;
  readonly url: string;
}

/** One alert as lines of plain text, without markup. */
interface AlertLines {
  readonly title: string;
  /** Everything that the alert says, and the few lines of a lock screen; both without the title. */
  readonly full: readonly string[];
  readonly short: readonly string[];
  readonly links: readonly MessageLink[];
}

/** What a message says, in plain lines that a channel escapes. */
export interface MessageText {
  readonly status: 'firing' | 'resolved';
  /** Of the worst alert that fires; of all when none does. */
  readonly severity: Severity;
  /** A line for subjects and titles. */
  readonly subject: string;
  /** How many alerts there are, by severity; null for one or a few. */
  readonly count: string | null;
  /** Firing before resolved, the most severe first. */
  readonly alerts: readonly AlertLines[];
  readonly missed: readonly string[];
  /** Alerts from the top that are listed at most: of many only the worst few, with all critical ones. */
  readonly most: number;
  /** A line for the last `n` alerts, which are not listed: how many of each kind. */
  readonly more: (n: number) => string;
  /** Address of the console; '' for none. */
  readonly externalUrl: string;
}

/** From so many alerts on a message begins with their number. */
const COUNTED_FROM = 4;

/** Puts a message into words of `locale`, without markup. Pure. */
export function messageText(message: Message, locale: Locale): MessageText {
  const alerts = worstAlertsFirst([...message.firing, ...message.resolved]);
  const say: SayMany = (key, params) => text(locale, key, params);
  const lines = alerts.map((alert) => linesOf(alert, locale));
  const status = messageStatus(message);
  const judged = status === 'firing' ? message.firing : alerts;
  const severity = SEVERITIES.find((one) => judged.some((alert) => alert.severity === one)) ?? 'info';
  const count = alerts.length < COUNTED_FROM ? null : countLine(message, locale);
  return {
    status,
    severity,
    subject: count ?? lines[0]?.title ?? text(locale, 'notify.nothing'),
    count,
    alerts: lines,
    missed: message.missed.map(plainLine),
    most: listedOf(alerts),
    more: (n) => moreLine(alerts.slice(alerts.length - n), say),
    externalUrl: message.externalUrl,
  };
}

/** E.g. `Volume baixo em 31 lojistas`, where most of many alerts are that; '' else. */
function sameText(firing: readonly NotifiedAlert[], locale: Locale): string {
  const [most] = alertKinds(firing, (key, params) => text(locale, key, params));
  const merchants = new Set((most?.alerts ?? []).flatMap(({ labels }) => labels['merchant_id'] ?? []));
  if (most === undefined || merchants.size < COUNTED_FROM || merchants.size * 2 < firing.length) return '';
  return ` · ${text(locale, 'notify.count.same', { kind: most.kind, n: merchants.size })}`;
}

function linesOf({ annotations }: NotifiedAlert, locale: Locale): AlertLines {
  const [title = '', ...short] = lines(annotations['summary'] ?? '');
  const message = lines(annotations['message'] ?? annotations['summary'] ?? '');
  const full = message[0] === title ? message.slice(1) : message;
  const links = (
    [
      ['notify.open', annotations['url']],
      ['notify.runbook', annotations['runbook_url']],
    ] as const
  ).flatMap(([key, url]) => (url !== undefined && URL.canParse(url) ? [{ label: text(locale, key), url: new URL(url).href }] : []));
  return { title, full, short, links };
}

const lines = (block: string): string[] => block.split('\n').map(plainLine);

/** E.g. `🚨 203 alertas: 3 críticos, 200 avisos; 12 resolvidos`. */
function countLine({ firing, resolved }: Message, locale: Locale): string {
  if (firing.length === 0) return text(locale, 'notify.count_resolved', { n: resolved.length });
  const parts = SEVERITIES.flatMap((severity) => {
    const n = firing.filter((alert) => alert.severity === severity).length;
    return n === 0 ? [] : [text(locale, `notify.count.${severity}`, { n })];
  });
  if (resolved.length > 0) parts.push(text(locale, 'notify.count.resolved', { n: resolved.length }));
  return text(locale, 'notify.count', { n: firing.length, parts: parts.join(', ') }) + sameText(firing, locale);
}
