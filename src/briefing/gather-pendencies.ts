import type { Pendency } from '@transaction-guardian/contracts/briefing.ts';
import { text } from '@transaction-guardian/contracts/text/text.ts';
import { titleIn } from '../incident/incident-title.ts';
import type { Sql } from '../store/database.ts';
import { listAlertsInAll } from '../store/verbs/alert/list-alerts.ts';
import { readCarriedKeys } from '../store/verbs/briefing/briefings.ts';
import { readInterruptedRuns, type FailingReceiver } from '../store/verbs/briefing/shift-figures.ts';
import { readWaitingIds } from '../store/verbs/briefing/waiting.ts';
import { readIncidentAlerts } from '../store/verbs/incident/incident-alert.ts';
import { readOpenIncidents } from '../store/verbs/incident/incident-row.ts';
import { textsOf } from './texts-of.ts';

/** What waits for whoever takes over: open incidents, alerts that fire and that nobody owns (at most `most`), interrupted runs, receivers
 *  that fail. `due`: what stood in an earlier briefing counts as carried; epoch milliseconds. */
export async function gatherPendencies(
  sql: Sql,
  { due, failing, most }: { readonly due: number; readonly failing: readonly FailingReceiver[]; readonly most: number },
): Promise<Pendency[]> {
  const carried = await readCarriedKeys(sql, due);
  const incidents = await readOpenIncidents(sql);
  const alertsOf = Map.groupBy(
    await readIncidentAlerts(
      sql,
      incidents.map(({ number }) => number),
    ),
    ({ incident }) => incident,
  );
  const runs = await readInterruptedRuns(sql);
  const { items: alerts } = await listAlertsInAll(sql, { status: 'firing' }, { limit: most });
  const found: Omit<Pendency, 'carried'>[] = [
    ...incidents.map(({ number, priority, title, opened_at }) => ({
      key: pendencyKey('incident', number),
      kind: 'incident' as const,
      texts: textsOf((locale) => `inc-${number} ${priority}: ${titleIn(title, alertsOf.get(number) ?? [], locale)}`),
      since: iso(opened_at),
    })),
    ...alerts
      .filter(({ en }) => en.acknowledged_by === null)
      .map((alert) => ({
        key: pendencyKey('alert', alert.en.fingerprint),
        kind: 'alert' as const,
        texts: textsOf((locale) => alert[locale].summary),
        since: alert.en.starts_at,
      })),
    ...runs.map(({ id, runbook, started_at }) => ({
      key: pendencyKey('runbook', id),
      kind: 'runbook' as const,
      texts: textsOf((locale) => text(locale, 'briefing.interrupted', { runbook })),
      since: iso(started_at),
    })),
    ...failing.map(({ receiver, since }) => ({
      key: pendencyKey('receiver', receiver),
      kind: 'receiver' as const,
      texts: textsOf((locale) => text(locale, 'briefing.failing', { receiver })),
      since: iso(since),
    })),
  ];
  return found.map((one) => ({ ...one, carried: carried.has(one.key) }));
}

/** What waits now, by the keys of pendencies. Of a briefing that was handed over, what is not among them has ended since. */
export async function waitingKeys(sql: Sql): Promise<ReadonlySet<string>> {
  return new Set((await readWaitingIds(sql)).map(({ kind, id }) => pendencyKey(kind, id)));
}

/** The key of a pendency, the same in every briefing that carries it. */
const pendencyKey = (kind: Pendency['kind'], id: string | number): string => `${kind}:${id}`;

const iso = (at: number): string => new Date(at).toISOString();
