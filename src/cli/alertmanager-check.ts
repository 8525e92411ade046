import { callAlertmanager } from '../alertmanager/api.ts';
import type { AlertmanagerTarget } from '../alertmanager/config.ts';
import type { Config } from '../config/config-schema.ts';
import type { Cli } from './cli.ts';
import type { Check } from './doctor-checks.ts';

const PATIENCE_MS = 5000;
/** As Alertmanager takes it: every alert of ours has this label. */
const OURS = `?filter=${encodeURIComponent('service="transaction-guardian"')}`;

/** Whether each configured Alertmanager answers, its version, and how many alerts of ours it holds. Nothing is sent. */
export async function checkAlertmanagers(cli: Pick<Cli, 'say' | 'clock'>, { alert }: Pick<Config, 'alert'>): Promise<readonly Check[]> {
  return Promise.all(alert.alertmanagers.map((target) => checkOne(cli, target)));
}

async function checkOne(cli: Pick<Cli, 'say' | 'clock'>, target: AlertmanagerTarget): Promise<Check> {
  const name = cli.say('doctor.alertmanager', { name: target.name });
  const url = new URL(target.url).origin;
  const get = (path: string) =>
    callAlertmanager(target, { method: 'GET', path }, { clock: cli.clock, signal: AbortSignal.timeout(PATIENCE_MS) });
  const [status, held] = await Promise.all([get('/status'), get(`/alerts${OURS}`)]);
  for (const answer of [status, held]) {
    if (answer.kind === 'delivered') continue;
    const isCredential = /^HTTP 40[13]\b/.test(answer.error);
    const detail = cli.say(isCredential ? 'doctor.alertmanager.refused' : 'doctor.receiver.fail', { url, message: answer.error });
    return { name, ok: false, detail };
  }
  const version = status.kind === 'delivered' ? versionOf(status.body) : null;
  if (version === null || held.kind !== 'delivered' || !Array.isArray(held.body))
    return { name, ok: false, detail: cli.say('doctor.alertmanager.other', { url }) };
  return { name, ok: true, detail: cli.say('doctor.alertmanager.ok', { url, version, n: held.body.length }) };
}

/** The version that an Alertmanager says of itself; null for an answer of something else. */
function versionOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('versionInfo' in body)) return null;
  const { versionInfo } = body;
  if (typeof versionInfo !== 'object' || versionInfo === null || !('version' in versionInfo)) return null;
  return typeof versionInfo.version === 'string' ? versionInfo.version : null;
}
