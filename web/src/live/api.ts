import type { Session } from '@transaction-guardian/contracts/access.ts';
import type { Feedback, FeedbackInput, FeedbackPage } from '@transaction-guardian/contracts/feedback.ts';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type {
  HeldForeignEnd,
  Maintenance,
  MaintenanceInput,
  MaintenanceList,
  Silence,
  SilenceInput,
  SilencePage,
} from '@transaction-guardian/contracts/silence.ts';
import type { AlertPage, AnomalyPage, AnomalyView, MerchantList, Series } from '@transaction-guardian/contracts/read.ts';
import type { Health, Stats } from '@transaction-guardian/contracts/stats.ts';
import { queryText, type Ask } from './ask.ts';

/** What the page asks of the server. Every method throws ApiError. */
export interface Api {
  openSession(token: string): Promise<void>;
  openSessionByCode(code: string): Promise<void>;
  /** Who acts in this browser. */
  session(): Promise<Session>;
  stats(): Promise<Stats>;
  health(): Promise<Health>;
  series(minutes: number): Promise<Series>;
  seriesOf(query: { readonly node: string; readonly since: string; readonly until: string }): Promise<Series>;
  /** Of the fleet or of another node, minute by minute, for the next hour. */
  forecast(node?: string): Promise<Forecast>;
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
  /** Of an alert of other rules, by its fingerprint. */
  endElsewhere(fingerprint: string): Promise<HeldForeignEnd>;
  maintenance(): Promise<MaintenanceList>;
  createMaintenance(input: MaintenanceInput): Promise<Maintenance>;
  endMaintenance(id: string): Promise<Maintenance>;
}

/** The questions of the pages that come with the first script. */
export function createApi({ get, send }: Ask): Api {
  const alertPath = (id: string, act: 'acknowledge' | 'snooze'): string => `/alerts/${encodeURIComponent(id)}/${act}`;
  return {
    openSession: (token) => send('POST', '/session', { token }),
    openSessionByCode: (code) => send('POST', '/session', { code }),
    session: () => get('/session'),
    stats: () => get('/stats'),
    health: () => get('/health'),
    series: (minutes) => get(`/series?minutes=${minutes}`),
    seriesOf: (query) => get(`/series${queryText(query)}`),
    forecast: (node) => get(`/forecast${queryText({ node, minutes: '60', step: '1' })}`),
    anomalies: () => get('/anomalies?limit=100'),
    anomaly: (id) => get(`/anomalies/${encodeURIComponent(id)}`),
    alerts: () => get('/alerts?status=firing'),
    merchants: () => get('/merchants?limit=100'),
    feedback: () => get('/feedback?in_force=true&limit=1000'),
    giveFeedback: (anomalyId, input) => send('POST', `/anomalies/${encodeURIComponent(anomalyId)}/feedback`, input),
    withdrawFeedback: (anomalyId) => send('DELETE', `/anomalies/${encodeURIComponent(anomalyId)}/feedback`),
    acknowledge: (id) => send('POST', alertPath(id, 'acknowledge'), {}),
    unacknowledge: (id) => send('DELETE', alertPath(id, 'acknowledge')),
    snooze: (id, minutes) => send('POST', alertPath(id, 'snooze'), { minutes }),
    unsnooze: (id) => send('DELETE', alertPath(id, 'snooze')),
    silences: (query = {}) => get(`/silences${queryText(query)}`),
    createSilence: (input) => send('POST', '/silences', input),
    endSilence: (id) => send('DELETE', `/silences/${encodeURIComponent(id)}`),
    endElsewhere: (fingerprint) => send('DELETE', `/silences/elsewhere/${encodeURIComponent(fingerprint)}`),
    maintenance: () => get('/maintenance'),
    createMaintenance: (input) => send('POST', '/maintenance', input),
    endMaintenance: (id) => send('DELETE', `/maintenance/${encodeURIComponent(id)}`),
  };
}
