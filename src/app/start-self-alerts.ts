import type { Logger } from 'pino';
import { createSend } from '../alert/notify/receiver.ts';
import { createSelfAlerts, SELF_PROBLEMS, type SelfProblem, type SelfState } from '../alert/self-alert.ts';
import { secondsToMs, type Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { loadNotifiedSelfAlerts } from './notified-self-alerts.ts';
import { consoleAddress } from './console-address.ts';

const LOOK_MS = 1000;

/** Notifies the receivers of problems of the program itself, bypassing the pipeline and its database, which may be down. `ask`: how it is now. `root`: the data directory; `file`: where in it
 *  this process keeps what it has sent. Returns what ends it. */
export function startSelfAlerts(
  config: Config,
  { clock, log, root, file }: { readonly clock: Clock; readonly log: Logger; readonly root: string; readonly file?: string },
  ask: Partial<Record<SelfProblem, () => SelfState>>,
): () => void {
  const alerts = createSelfAlerts(
    { clock, log, send: createSend(clock, config.locale), random: Math.random, memory: loadNotifiedSelfAlerts(root, log, file) },
    {
      receivers: config.alert.receivers,
      locale: config.locale,
      repeatIntervalMs: secondsToMs(config.alert.repeat_interval_s),
      externalUrl: config.alert.external_url ?? consoleAddress(config) ?? '',
      runbookUrl: config.alert.runbook_url,
    },
  );
  const timer = setInterval(() => {
    for (const problem of SELF_PROBLEMS) alerts.set(problem, ask[problem]?.());
  }, LOOK_MS).unref();
  return () => {
    clearInterval(timer);
    alerts.stop();
  };
}
