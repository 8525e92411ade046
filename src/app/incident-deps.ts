import type { Act } from '../auth/act.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { IncidentRouteDeps } from '../http/routes/incidents.ts';
import { createIncidentService } from '../incident/incident-service.ts';
import type { Database } from '../store/database.ts';

/** What the routes of incidents need. */
export function incidentDeps(
  { time_zone: timeZone }: Config,
  { language, ...deps }: { readonly database: Database; readonly clock: Clock; readonly act: Act } & Pick<IncidentRouteDeps, 'language'>,
): IncidentRouteDeps {
  return { incidents: createIncidentService({ ...deps, timeZone }), clock: deps.clock, timeZone, language };
}
