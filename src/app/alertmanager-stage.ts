import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import { createAlertmanagerStage, type AlertmanagerStage } from '../alertmanager/stage.ts';
import { createAct } from '../auth/act.ts';
import { secondsToMs, type Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Database } from '../store/database.ts';
import { respondDeps } from './respond-deps.ts';
import { startReceiverAlerts } from './start-self-alerts.ts';

export interface AlertmanagerSideDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly isCaughtUp: () => boolean;
}

/** The stage of Alertmanager, and beside it the alert that none takes alerts, which goes to the receivers themselves. */
export function alertmanagerStage(config: Config, { metrics, ...deps }: AlertmanagerSideDeps): AlertmanagerStage {
  const { alert } = config;
  let untaken: Reason | undefined;
  let stopSelfAlerts: (() => void) | undefined;
  const stage = createAlertmanagerStage(
    {
      ...deps,
      respond: respondDeps(config, { act: createAct(deps), clock: deps.clock }),
      registry: metrics,
      random: Math.random,
      untaken: (reason) => void (untaken = reason),
    },
    {
      targets: alert.alertmanagers,
      refreshMs: secondsToMs(alert.alertmanager_refresh_s),
      keepAliveMs: secondsToMs(alert.alertmanager_keep_alive_s),
      overdueMs: secondsToMs(alert.alertmanager_overdue_s),
    },
  );
  return {
    ...stage,
    start: async () => {
      await stage.start();
      const where = { clock: deps.clock, log: deps.log, root: config.data_dir, file: 'self-alerts-untaken.json' };
      stopSelfAlerts = startReceiverAlerts(config, where, { alerts_untaken: () => untaken }).end;
    },
    stop: async () => {
      stopSelfAlerts?.();
      await stage.stop();
    },
  };
}
