import type {
  ParameterValues,
  RunAnswer,
  RunbookDryRun,
  RunbookList,
  RunbookView,
  RunbookRunPage,
  RunRecord,
} from '@transaction-guardian/contracts/runbook.ts';
import { queryText, type Ask } from '../../live/ask.ts';

/** What the pages of runbooks ask the server. Every method throws ApiError. */
export interface RunbooksApi {
  list(): Promise<RunbookList>;
  read(name: string): Promise<RunbookView>;
  dryRun(name: string, parameters: ParameterValues): Promise<RunbookDryRun>;
  run(name: string, parameters: ParameterValues): Promise<RunAnswer>;
  confirm(code: string): Promise<RunAnswer>;
  runs(query: { readonly runbook?: string; readonly state?: string; readonly cursor?: string }): Promise<RunbookRunPage>;
  readRun(id: string): Promise<RunRecord>;
  cancel(id: string): Promise<unknown>;
  resume(id: string): Promise<RunAnswer>;
}

export function createRunbooksApi({ get, send }: Ask): RunbooksApi {
  const at = (name: string, more = ''): string => `/runbooks/${encodeURIComponent(name)}${more}`;
  const runAt = (id: string, more = ''): string => `/runbook-runs/${encodeURIComponent(id)}${more}`;
  return {
    list: () => get('/runbooks'),
    read: (name) => get(at(name)),
    dryRun: (name, parameters) => send('POST', at(name, '/dry-run'), { parameters }),
    run: (name, parameters) => send('POST', at(name, '/runs'), { parameters }),
    confirm: (code) => send('POST', '/runbooks/confirm', { code }),
    runs: (query) => get(`/runbook-runs${queryText({ limit: '20', ...query })}`),
    readRun: (id) => get(runAt(id)),
    cancel: (id) => send('POST', runAt(id, '/cancel')),
    resume: (id) => send('POST', runAt(id, '/resume')),
  };
}
