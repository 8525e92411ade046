import type { Feedback, FeedbackInput, FeedbackPage } from '@transaction-guardian/contracts/feedback.ts';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type {
  Maintenance,
  MaintenanceInput,
  MaintenanceList,
  Silence,
  SilenceInput,
  SilencePage,
} from '@transaction-guardian/contracts/silence.ts';
import type { AlertPage, AnomalyPage, AnomalyView, MerchantList, Series } from '@transaction-guardian/contracts/read.ts';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import type { Health, Stats } from '@transaction-guardian/contracts/stats.ts';

/** An answer that was not 2xx; `status` 0 means that the server could not be reached. `code`: that of the problem. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string | undefined;
  constructor(status: number, message: string, code?: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What the page asks of the server. Every method throws ApiError. */
export interface Api {
  openSession(token: string): Promise<void>;
  openSessionByCode(code: string): Promise<void>;
  stats(): Promise<Stats>;
  health(): Promise<Health>;
  series(minutes: number): Promise<Series>;
  seriesOf(query: { readonly node: string; readonly since: string; readonly until: string }): Promise<Series>;
  /** Of the fleet, minute by minute, for the next hour. */
  forecast(): Promise<Forecast>;
  anomalies(): Promise<AnomalyPage>;
  anomaly(id: string): Promise<AnomalyView>;
  alerts(): Promise<AlertPage>;
  merchants(): Promise<MerchantList>;
  /** Verdicts in force, the newest first. */
  feedback(): Promise<FeedbackPage>;
  giveFeedback(anomalyId: string, input: FeedbackInput): Promise<Feedback>;
  withdrawFeedback(anomalyId: string): Promise<void>;
  /** `id`: fingerprint of the alert. All four give the alert as it is then. */
  acknowledge(id: string): Promise<AlertView>;
  unacknowledge(id: string): Promise<AlertView>;
  snooze(id: string, minutes: number): Promise<AlertView>;
  unsnooze(id: string): Promise<AlertView>;
  /** Those that end last first. */
  silences(query?: { readonly status?: Silence['status']; readonly limit?: string }): Promise<SilencePage>;
  createSilence(input: SilenceInput): Promise<Silence>;
  endSilence(id: string): Promise<Silence>;
  maintenance(): Promise<MaintenanceList>;
  createMaintenance(input: MaintenanceInput): Promise<Maintenance>;
  endMaintenance(id: string): Promise<Maintenance>;
}

/** Where the API stands on the server that the page came from. */
export const API_BASE = '/api/v1';

/** Speaks to the server that the page came from, with its cookie, and asks for the page's language: refusals are read by people. */
export function createApi(fetcher: typeof fetch = fetch.bind(globalThis), language = () => document.documentElement.lang): Api {
  const request = async <T>(
    path: string,
    init: Omit<RequestInit, 'headers'> & { headers?: Readonly<Record<string, string>> } = {},
  ): Promise<T> => {
    let response: Response;
    try {
      const headers = { accept: 'application/json', 'accept-language': language(), ...init.headers };
      response = await fetcher(API_BASE + path, { credentials: 'same-origin', ...init, headers });
    } catch (error) {
      throw new ApiError(0, error instanceof Error ? error.message : String(error));
    }
    if (!response.ok && !(path === '/health' && response.status === 503)) throw await problemOf(response);
    return (response.status === 204 ? undefined : await response.json()) as T;
  };
  const send = <T>(method: 'POST' | 'DELETE', path: string, body?: object): Promise<T> =>
    request(path, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  const alertPath = (id: string, act: 'acknowledge' | 'snooze'): string => `/alerts/${encodeURIComponent(id)}/${act}`;
  return {
    openSession: (token) => send('POST', '/session', { token }),
    openSessionByCode: (code) => send('POST', '/session', { code }),
    stats: () => request('/stats'),
    health: () => request('/health'),
    series: (minutes) => request(`/series?minutes=${minutes}`),
    seriesOf: (query) => request(`/series?${new URLSearchParams(query).toString()}`),
    forecast: () => request('/forecast?minutes=60&step=1'),
    anomalies: () => request('/anomalies?limit=100'),
    anomaly: (id) => request(`/anomalies/${encodeURIComponent(id)}`),
    alerts: () => request('/alerts?status=firing'),
    merchants: () => request('/merchants?limit=100'),
    feedback: () => request('/feedback?in_force=true&limit=1000'),
    giveFeedback: (anomalyId, input) => send('POST', `/anomalies/${encodeURIComponent(anomalyId)}/feedback`, input),
    withdrawFeedback: (anomalyId) => request(`/anomalies/${encodeURIComponent(anomalyId)}/feedback`, { method: 'DELETE' }),
    acknowledge: (id) => send('POST', alertPath(id, 'acknowledge'), {}),
    unacknowledge: (id) => send('DELETE', alertPath(id, 'acknowledge')),
    snooze: (id, minutes) => send('POST', alertPath(id, 'snooze'), { minutes }),
    unsnooze: (id) => send('DELETE', alertPath(id, 'snooze')),
    silences: (query = {}) => request(`/silences?${new URLSearchParams(query).toString()}`),
    createSilence: (input) => send('POST', '/silences', input),
    endSilence: (id) => send('DELETE', `/silences/${encodeURIComponent(id)}`),
    maintenance: () => request('/maintenance'),
    createMaintenance: (input) => send('POST', '/maintenance', input),
    endMaintenance: (id) => send('DELETE', `/maintenance/${encodeURIComponent(id)}`),
  };
}

async function problemOf(response: Response): Promise<ApiError> {
  const { status } = response;
  try {
    const problem = (await response.json()) as Partial<Problem>;
    const fields = (problem.errors ?? []).map(({ field, message }) => `${field}: ${message}`);
    const said = fields.length > 0 ? fields.join('; ') : (problem.detail ?? problem.title ?? `HTTP ${status}`);
    return new ApiError(status, said, problem.code);
  } catch {
    return new ApiError(status, `HTTP ${status}`);
  }
}
