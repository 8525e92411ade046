import type { Feedback, FeedbackInput, FeedbackPage } from '@transaction-guardian/contracts/feedback.ts';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { AlertPage, AnomalyPage, AnomalyView, MerchantList, Series } from '@transaction-guardian/contracts/read.ts';
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
  return {
    openSession: (token) =>
      request('/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) }),
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
    giveFeedback: (anomalyId, input) =>
      request(`/anomalies/${encodeURIComponent(anomalyId)}/feedback`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input),
      }),
    withdrawFeedback: (anomalyId) => request(`/anomalies/${encodeURIComponent(anomalyId)}/feedback`, { method: 'DELETE' }),
  };
}

async function problemOf(response: Response): Promise<ApiError> {
  const { status } = response;
  try {
    const problem = (await response.json()) as { detail?: string; title?: string; code?: string };
    return new ApiError(status, problem.detail ?? problem.title ?? `HTTP ${status}`, problem.code);
  } catch {
    return new ApiError(status, `HTTP ${status}`);
  }
}
