import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { MINUTE_MS } from '../../clock.ts';

/** What a detector that has rebuilt its state must tell about the present: stored anomalies that it does not hold open
 *  end now, those that it holds open and that are not stored begin. `at`: its last window. Pure. */
export function reconcile(
  stored: readonly Anomaly[],
  open: ReadonlyMap<string, Anomaly>,
  at: { readonly sequence: number; readonly minute: number },
): AnomalyEvent[] {
  const known = new Set(stored.map((anomaly) => anomaly.id));
  const ended = stored.filter((anomaly) => !open.has(anomaly.id)).map((anomaly) => endedAt(anomaly, at.minute));
  const begun = [...open.values()].filter((anomaly) => !known.has(anomaly.id));
  return [
    ...ended.map((anomaly) => ({ v: 1, event: 'resolved', sequence: at.sequence, anomaly }) as const),
    ...begun.map((anomaly) => ({ v: 1, event: 'opened', sequence: at.sequence, anomaly }) as const),
  ];
}

function endedAt(anomaly: Anomaly, minute: number): Anomaly {
  const startedAt = Date.parse(anomaly.started_at);
  const end = Math.max(startedAt, minute);
  const time = new Date(end).toISOString();
  return {
    ...anomaly,
    status: 'resolved',
    resolved_at: time,
    updated_at: time,
    duration_minutes: Math.round((end - startedAt) / MINUTE_MS),
  };
}

/** Keeps the set of open anomalies up to date with the events of one step. */
export function follow(open: Map<string, Anomaly>, events: readonly AnomalyEvent[]): void {
  for (const { anomaly } of events) {
    if (anomaly.status === 'open') open.set(anomaly.id, anomaly);
    else open.delete(anomaly.id);
  }
}
