import type { Logger } from 'pino';
import { createSend } from '../alert/notify/receiver.ts';
import { createSelfAlerts, SELF_PROBLEMS, type SelfAlerts, type SelfProblem, type SelfState } from '../alert/self-alert.ts';
import { createAlertmanagerSend } from '../alertmanager/send.ts';
import { secondsToMs, type Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { loadNotifiedSelfAlerts, type SelfAlertMemory } from './notified-self-alerts.ts';
import { consoleAddress } from './console-address.ts';

const LOOK_MS = 1000;

interface Place {
  readonly clock: Clock;
  readonly log: Logger;
  /** The data directory; `file`: where in it this process keeps what it has sent. */
  readonly root: string;
  readonly file?: string;
  /** Where it keeps them instead of files. `way`: to the receivers, or to Alertmanager. */
  readonly memory?: ((way: 'receivers' | 'alertmanager') => SelfAlertMemory) | undefined;
}

/** How each problem is now. */
type Ask = Partial<Record<SelfProblem, () => SelfState>>;

/** Self-alerts that look at how each problem is. */
export interface RunningSelfAlerts {
  end(): void;
  /** Whether one fires, or may, at a receiver or an Alertmanager. */
  isFiring(): boolean;
}

/** Notifies the receivers of problems of the program itself, bypassing the pipeline and its database, which may be down; where
 *  Alertmanager notifies, all of its instances too. */
export function startSelfAlerts(config: Config, place: Place, ask: Ask): RunningSelfAlerts {
  return follow(
    config.alert.notifier === 'alertmanager' ? [toReceivers(config, place), toAlertmanagers(config, place)] : [toReceivers(config, place)],
    ask,
  );
}

/** The same for what Alertmanager cannot be notified of: only the receivers are. */
export function startReceiverAlerts(config: Config, place: Place, ask: Ask): RunningSelfAlerts {
  return follow([toReceivers(config, place)], ask);
}

function follow(ways: readonly SelfAlerts[], ask: Ask): RunningSelfAlerts {
  const timer = setInterval(() => {
    for (const problem of SELF_PROBLEMS) {
      const state = ask[problem]?.();
      for (const way of ways) way.set(problem, state);
    }
  }, LOOK_MS).unref();
  return {
    end() {
      clearInterval(timer);
      for (const way of ways) way.stop();
    },
    isFiring: () => ways.some((way) => way.isFiring()),
  };
}

function toReceivers(config: Config, { clock, log, root, file, memory }: Place): SelfAlerts {
  return createSelfAlerts(
    {
      clock,
      log,
      send: createSend(clock, config.locale),
      random: Math.random,
      memory: memory?.('receivers') ?? loadNotifiedSelfAlerts(root, log, file),
    },
    {
      ...wordingOf(config),
      receivers: config.alert.receivers,
      repeatIntervalMs: secondsToMs(config.alert.repeat_interval_s),
    },
  );
}

/** Alertmanager repeats by itself; a refresh keeps the alert alive there. */
function toAlertmanagers(config: Config, { clock, log, root, file = 'self-alerts.json', memory }: Place): SelfAlerts {
  const { alertmanagers, alertmanager_refresh_s: refreshS, alertmanager_keep_alive_s: keepAliveS } = config.alert;
  return createSelfAlerts(
    {
      ...{ clock, log, random: Math.random },
      send: createAlertmanagerSend(clock, secondsToMs(keepAliveS)),
      memory: memory?.('alertmanager') ?? loadNotifiedSelfAlerts(root, log, `alertmanager-${file}`),
    },
    {
      ...wordingOf(config),
      receivers: alertmanagers.map((target) => ({ ...target, send_resolved: true })),
      repeatIntervalMs: secondsToMs(refreshS),
    },
  );
}

function wordingOf(config: Config): {
  readonly locale: Config['locale'];
  readonly timeZone: string;
  readonly externalUrl: string;
  readonly runbookUrl: string | undefined;
} {
  const { external_url: externalUrl = consoleAddress(config) ?? '', runbook_url: runbookUrl } = config.alert;
  return { locale: config.locale, timeZone: config.time_zone, externalUrl, runbookUrl };
}
