import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Sql } from '../database.ts';
import { HIDDEN } from './alert/list-alerts.ts';
import { createFilter, filterIncidents, type Filter } from './filter.ts';

/** How many anomalies, alerts and incidents there are. */
export interface StatsFigures {
  /** Anomalies of the traffic that lasted in the period, and open ones of every type. */
  readonly recent: number;
  readonly open: number;
  /** Alerts that fire: shown, and hidden by a snooze, a silence or another alert. */
  readonly shown: number;
  readonly held: number;
  /** Begin of the newest anomaly of the traffic that is no mere note, epoch milliseconds of event time; null without one. */
  readonly last_incident: number | null;
  /** Incidents that are not resolved. */
  readonly open_incidents: number;
}

export interface StatsFiguresRequest {
  /** Types of faults, and those of them that the traffic has. */
  readonly types: readonly AnomalyType[];
  readonly trafficTypes: readonly AnomalyType[];
  /** Period of `recent`, epoch milliseconds. */
  readonly from: number;
  readonly to: number;
}

/** Counts what `GET /stats` counts, in one statement: it is asked every second. */
export async function readStatsFigures(sql: Sql, { types, trafficTypes, from, to }: StatsFiguresRequest): Promise<StatsFigures> {
  const filter = createFilter();
  const own = (): Filter => createFilter(filter);
  const recent = own();
  filterIncidents(recent, { type: trafficTypes, from, to }, { begin: 'started_at', end: 'resolved_at' });
  const open = own();
  open.equals('type', types);
  const incident = own();
  incident.equals('type', trafficTypes);
  const alert = own();
  alert.equals('type', types);
  const [row] = await sql.query<StatsFigures & Record<string, unknown>>(
    `select (select count(*) from anomaly ${recent.clause()}) as recent,
       (select count(*) from anomaly ${open.clause()} and state = 'open') as open,
       (select started_at from anomaly ${incident.clause()} and severity in ('critical', 'warning') order by started_at desc, id desc limit 1)
         as last_incident,
       (select count(*) from incident where state in ('detected', 'triaged', 'responding')) as open_incidents, firing.shown, firing.held
     from (select count(*) filter (where not (${HIDDEN})) as shown, count(*) filter (where ${HIDDEN}) as held
             from alert ${alert.clause()} and status = 'firing') as firing`,
    filter.params,
  );
  return row ?? { recent: 0, open: 0, shown: 0, held: 0, last_incident: null, open_incidents: 0 };
}
