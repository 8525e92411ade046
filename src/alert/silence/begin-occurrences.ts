import type { Sql } from '../../store/database.ts';
import { readDueMaintenance, writeMaintenance, type MaintenanceRow } from '../../store/verbs/maintenance/maintenance-windows.ts';
import { writeSilence, type SilenceRow } from '../../store/verbs/silence/silences.ts';
import { nextOccurrence, type Occurrence } from './occurrence.ts';

/** Id of the silence of one occurrence: begun twice, it is one. */
export function occurrenceId(maintenanceId: string, startsAt: number): string {
  return `si_${maintenanceId}_${Math.floor(startsAt / 1000)}`;
}

/** The silence of an occurrence. Pure. */
function silenceOf(window: MaintenanceRow, { startsAt, endsAt }: Occurrence, now: number): SilenceRow {
  const { matchers, maxSeverity, by, name } = window;
  const times = { startsAt, endsAt, createdAt: now, updatedAt: now, beganAt: null, endedAt: null, endedBy: null };
  return { id: occurrenceId(window.id, startsAt), matchers, maxSeverity, reason: name, by, ...times, maintenanceId: window.id };
}

/** Begins the occurrences of maintenance windows that are due and sets the next one. An occurrence that went by while the program was
 *  away hides nothing and is left out. A window without a further occurrence ends. `now`: epoch milliseconds. */
export async function beginOccurrences(tx: Sql, now: number): Promise<void> {
  for (const window of await readDueMaintenance(tx, now)) {
    const due = nextOccurrence(window.schedule, now);
    const isDue = due !== null && due.startsAt <= now;
    if (isDue) await writeSilence(tx, silenceOf(window, due, now));
    const next = isDue ? nextOccurrence(window.schedule, due.endsAt, due.endsAt) : due;
    await writeMaintenance(tx, { ...window, nextAt: next?.startsAt ?? null, endedAt: next === null ? (isDue ? due.endsAt : now) : null });
  }
}
