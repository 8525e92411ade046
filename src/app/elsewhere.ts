import type { Logger } from 'pino';
import { createActsElsewhere } from '../alertmanager/act-elsewhere.ts';
import { callAlertmanager } from '../alertmanager/api.ts';
import { createKeepElsewhere } from '../alertmanager/keep-elsewhere.ts';
import type { ActsElsewhere, HeldElsewhere } from '../alertmanager/held.ts';
import { createHeldAlerts } from '../alertmanager/held-alerts.ts';
import { createSilenceApi, type SilenceApi } from '../alertmanager/silence-api.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { RespondDeps } from '../respond/act.ts';
import type { Database } from '../store/database.ts';
import { createTicker, type Ticker } from '../stage.ts';

/** A person waits for it. */
const PATIENCE_MS = 3000;
/** Between looks at what holds back alerts of others. */
const LOOK_MS = 15_000;

/** What the chat has of Alertmanager, and the look that keeps every instance to what holds back alerts of others. */
export interface Elsewhere {
  readonly heldElsewhere: () => Promise<HeldElsewhere>;
  readonly acts: ActsElsewhere;
  readonly kept: Ticker;
}

/** Undefined where no Alertmanager is configured. */
export function createElsewhere(
  { alert }: Pick<Config, 'alert'>,
  { act, clock, ackTimeoutMs }: Pick<RespondDeps, 'act' | 'clock' | 'ackTimeoutMs'>,
  { database, log }: { readonly database: Database; readonly log: Logger },
): Elsewhere | undefined {
  if (alert.alertmanagers.length === 0) return undefined;
  const heldElsewhere = createHeldAlerts(alert.alertmanagers, { clock, hasOurs: alert.notifier === 'alertmanager' });
  const instances = alert.alertmanagers.map((target) => ({ name: target.name, api: patient(target, clock) }));
  return {
    heldElsewhere,
    acts: createActsElsewhere({ act, clock, database, heldElsewhere, instances, ackTimeoutMs }),
    kept: createTicker(LOOK_MS, createKeepElsewhere({ act, clock, database, log, heldElsewhere, instances })),
  };
}

/** Each call of it has its own patience. */
function patient(target: Config['alert']['alertmanagers'][number], clock: Clock): SilenceApi {
  const api = () => createSilenceApi(target, callAlertmanager, clock, AbortSignal.timeout(PATIENCE_MS));
  return { list: () => api().list(), put: (silence) => api().put(silence), expire: (id) => api().expire(id) };
}
