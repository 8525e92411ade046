import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { WatchedAlert } from '../store/verbs/incident/incident-alert.ts';

/** What an alert is about, of its summary: without its severity, and without its figures, which change. Pure. */
export function titleOf(summary: string): string {
  const [line = ''] = summary.split('\n');
  return line.replace(/^\P{L}*\p{Lu}+: /u, '');
}

/** The title of an incident in the reader's language, where it is the title of one of its alerts in any language; else as somebody wrote
 *  it. Pure. */
export function titleIn(title: string, alerts: readonly Worded[], locale: Locale): string {
  const named = alerts.find(({ alert, translations }) =>
    [alert, ...Object.values(translations)].some(({ summary }) => titleOf(summary) === title),
  );
  return named === undefined ? title : titleOf((named.translations[locale] ?? named.alert).summary);
}

type Worded = Pick<WatchedAlert, 'alert' | 'translations'>;
