import { messageOf } from '../errors.ts';

/** A gateway as a receiver names it. */
export interface GatewayAddress {
  /** URL of the webhook. */
  readonly url: string;
  readonly token: string;
}

/** What is wrong on the way to the phone and back; `ok` when nothing is. `detail`: in the words of whoever failed. */
export interface GatewayCheck {
  readonly code: 'ok' | 'away' | 'no_plugin' | 'starting' | 'token' | 'server';
  readonly detail: string;
}

/** Header with which the plugin checks its way to the server, and delivers nothing. */
export const CHECK_HEADER = 'x-guardian-check';
/** Path of the plugin's webhook: its receivers are known by it. */
export const WEBHOOK_PATH = '/webhook/alertmanager';
const ASK_MS = 15_000;

/** Asks the gateway, the plugin in it, and through the plugin the server. Sends nothing to anybody. */
export async function checkGateway({ url, token }: GatewayAddress): Promise<GatewayCheck> {
  const check = (code: GatewayCheck['code'], detail = ''): GatewayCheck => ({ code, detail });
  try {
    const response = await post(url, token, {}, { [CHECK_HEADER]: '1' });
    const body = await readAnswer(response);
    if (response.status === 404 || response.status === 405) return check('no_plugin');
    if (response.status === 503) return check('starting');
    if (response.status === 401) return check('token');
    if (!response.ok) return check('away', `HTTP ${response.status}`);
    return body.server === 'ok' ? check('ok') : check('server', body.server ?? '?');
  } catch (error) {
    return check('away', messageOf(error));
  }
}

/** Sends a test page to those who get the alerts. Gives null when it is delivered, else why not. `now`: epoch milliseconds. */
export async function sendTestPage({ url, token }: GatewayAddress, summary: string, now: number): Promise<string | null> {
  const at = new Date(now).toISOString();
  const alert = {
    status: 'firing',
    labels: { alertname: 'GuardianTestPage', severity: 'info', service: 'transaction-guardian' },
    annotations: { summary },
    startsAt: at,
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint: `test-page-${now}`,
  };
  try {
    const common = { groupLabels: {}, commonLabels: {}, commonAnnotations: {}, externalURL: '', receiver: 'doctor' };
    const response = await post(
      url,
      token,
      { version: '4', groupKey: `test-page-${now}`, truncatedAlerts: 0, status: 'firing', ...common, alerts: [alert] },
      {},
    );
    const { detail } = await readAnswer(response);
    return response.ok ? null : (detail ?? `HTTP ${response.status}`);
  } catch (error) {
    return messageOf(error);
  }
}

function post(url: string, token: string, body: object, headers: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ASK_MS),
    redirect: 'error',
  });
}

async function readAnswer(response: Response): Promise<{ readonly detail?: string; readonly server?: string }> {
  try {
    return (await response.json()) as { detail?: string; server?: string };
  } catch {
    return {};
  }
}
