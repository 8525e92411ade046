import type {
  Incident,
  IncidentChange,
  IncidentDetail,
  IncidentFiguresPage,
  IncidentInput,
  IncidentPage,
} from '@transaction-guardian/contracts/incident.ts';
import type { RunbookList, RunbookRunPage } from '@transaction-guardian/contracts/runbook.ts';
import { queryText, type Ask } from '../../live/ask.ts';

/** Which incidents; an absent field means all. Times: RFC 3339. */
export interface IncidentQuery {
  readonly state?: string;
  readonly priority?: string;
  readonly from?: string;
  readonly cursor?: string;
}

/** What the pages of incidents ask the server. Every method throws ApiError. */
export interface IncidentsApi {
  list(query: IncidentQuery): Promise<IncidentPage>;
  figures(from: string): Promise<IncidentFiguresPage>;
  read(id: string): Promise<IncidentDetail>;
  postMortem(id: string): Promise<string>;
  open(input: IncidentInput): Promise<Incident>;
  change(id: string, change: IncidentChange): Promise<Incident>;
  note(id: string, text: string): Promise<Incident>;
  runbooks(): Promise<RunbookList>;
  runs(): Promise<RunbookRunPage>;
}

export function createIncidentsApi({ get, text, send }: Ask): IncidentsApi {
  const at = (id: string, more = ''): string => `/incidents/${encodeURIComponent(id)}${more}`;
  return {
    list: (query) => get(`/incidents${queryText({ limit: '50', ...query })}`),
    figures: (from) => get(`/incidents/figures${queryText({ from })}`),
    read: (id) => get(at(id)),
    postMortem: (id) => text(at(id, '/postmortem')),
    open: (input) => send('POST', '/incidents', input),
    change: (id, change) => send('PATCH', at(id), change),
    note: (id, words) => send('POST', at(id, '/notes'), { text: words }),
    runbooks: () => get('/runbooks'),
    runs: () => get('/runbook-runs?limit=100'),
  };
}
