import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { WatchedAlert } from '../store/verbs/incident/incident-alert.ts';
import type { IncidentRow } from '../store/verbs/incident/incident-row.ts';

/** What an alert is about, of its summary: without its severity, and without its figures, which change. Pure. */
export function titleOf(summary: string): string {
  const [line = ''] = summary.split('\n');
  return line.replace(/^\P{L}*\p{Lu}+: /u, '');
}

/** The title of an incident in the reader's language, where it is the title of one of its alerts; else as somebody wrote it. Pure. */
export function titleIn(
  { title, opened_by }: Pick<IncidentRow, 'title' | 'opened_by'>,
  alerts: readonly Pick<WatchedAlert, 'alert' | 'translations'>[],
  locale: Locale,
): string {
  const named = opened_by === null ? alerts.find(({ alert }) => titleOf(alert.summary) === title) : undefined;
  return named === undefined ? title : titleOf((named.translations[locale] ?? named.alert).summary);
}
