import type { Pendency } from '@transaction-guardian/contracts/briefing.ts';
import type { Sql } from '../../database.ts';

/** What waits for whoever takes over, as a briefing names it: by its kind and, of that, the number of an incident, the fingerprint of an
 *  alert that nobody owns, the id of a run, the name of a receiver that fails. All of it, without texts. */
export async function readWaitingIds(sql: Sql): Promise<{ readonly kind: Pendency['kind']; readonly id: string }[]> {
  return sql.query(
    `select 'incident' as kind, number::text as id from incident where state in ('detected', 'triaged', 'responding')
     union all
     select 'alert', fingerprint from alert where status = 'firing' and coalesce(state -> 'acknowledged_by', 'null') = 'null'
     union all
     select 'runbook', id from runbook_run where state = 'interrupted'
     union all
     select distinct 'receiver', receiver from notification where state = 'pending' and attempts > 1 and last_error is not null`,
  );
}
