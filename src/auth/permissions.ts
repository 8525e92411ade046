import type { ActVerb } from '@transaction-guardian/contracts/audit.ts';
import type { Role } from '@transaction-guardian/contracts/person.ts';

/** The least role that each verb needs. The only place that says so. */
export const PERMISSIONS: Readonly<Record<ActVerb, Role>> = {
  'alert.acknowledge': 'operator',
  'alert.unacknowledge': 'operator',
  'alert.snooze': 'operator',
  'alert.unsnooze': 'operator',
  'silence.create': 'operator',
  'silence.change': 'operator',
  'silence.end': 'operator',
  'maintenance.create': 'operator',
  'maintenance.end': 'operator',
  'feedback.give': 'operator',
  'feedback.withdraw': 'operator',
  'feedback.reset': 'admin',
  'database.rebuild': 'admin',
  // The file of a runbook may ask for more.
  'runbook.run': 'operator',
  'runbook.confirm': 'operator',
  'runbook.resume': 'operator',
  'runbook.cancel': 'operator',
  'log.repair': 'admin',
  'dead_letters.replay': 'operator',
  'session.open': 'viewer',
  'session.end': 'viewer',
  'session.end_other': 'admin',
  'link.make': 'viewer',
  'link.make_for_other': 'admin',
  'link.revoke': 'viewer',
  'link.revoke_other': 'admin',
  'service_token.rotate': 'admin',
  'incident.open': 'operator',
  'incident.change': 'operator',
  'incident.note': 'operator',
};
