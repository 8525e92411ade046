import type { AlertDetail } from '@transaction-guardian/contracts/alert-detail.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Incident } from '@transaction-guardian/contracts/incident.ts';
import type { RunbookList } from '@transaction-guardian/contracts/runbook.ts';
import { queryText, type Ask } from '../../live/ask.ts';

/** What the page of an alert asks the server. Every method throws ApiError. */
export interface AlertApi {
  read(id: string): Promise<AlertDetail>;
  /** Runbooks that are suggested for alerts of a type. */
  runbooks(type: AlertView['type']): Promise<RunbookList>;
  openIncident(alert: AlertView, title: string): Promise<Incident>;
}

export function createAlertApi({ get, send }: Ask): AlertApi {
  return {
    read: (id) => get(`/alerts/${encodeURIComponent(id)}`),
    runbooks: (type) => get(`/runbooks${queryText({ alert_type: type })}`),
    openIncident: ({ fingerprint }, title) => send('POST', '/incidents', { title, alerts: [fingerprint] }),
  };
}
