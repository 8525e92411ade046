import { join } from 'node:path';
import { createBurst } from './alert/burst.ts';
import { createDeliver, createTell, type Deliver } from './alert/deliver.ts';
import { createOwedSender } from './alert/owed.ts';
import type { ReportReceipt } from './alert/receipt.ts';
import { createGuardian, type Guardian } from './chat/guardian.ts';
import { createTalk, type ChatRelay } from './chat/talk.ts';
import type { GatewayConfig, PluginLogger } from './openclaw.ts';
import type { Outbound } from './outbound/outgoing.ts';
import type { Settings } from './settings.ts';
import { createRecovery, type Recovery } from './alert/recovery.ts';
import { openIntents } from './state/intents.ts';
import { openLedger } from './state/ledger.ts';
import { createStateFile } from './state/state-file.ts';

export interface PluginDeps {
  readonly settings: Settings;
  readonly outbound: Outbound;
  readonly gateway: () => GatewayConfig;
  readonly log: PluginLogger;
  /** The gateway's folder for state. */
  readonly stateDir: string;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/** The plugin at work. */
export interface Started {
  readonly deliver: Deliver;
  readonly recovery: Recovery;
  readonly talk: ChatRelay;
  readonly checkServer: () => Promise<string>;
  stop(): void;
}

/** Opens what was told before, and wires the parts. */
export async function start({ settings, outbound, gateway, log, stateDir, now, wait }: PluginDeps): Promise<Started> {
  const folder = join(stateDir, 'transaction-guardian');
  const ledger = await openLedger(createStateFile(join(folder, 'told.json')), (error) =>
    log.error(`what was notified is not on disk: ${String(error)}`),
  );
  const guardian = createGuardian(settings, now);
  const report = createReport(guardian, log, now);
  const intents = await openIntents(createStateFile(join(folder, 'sending.json')), {
    now: now(),
    isKnown: ({ chat, groups }) => groups.every(({ alerts }) => alerts.every((alert) => ledger.isTold(chat, alert))),
    onError: (error) => log.error(`what is being sent is not on disk: ${String(error)}`),
  });
  if (intents.left.length > 0) log.info(`messages under way when the gateway ended: ${intents.left.length}`);
  let isStopped = false;
  const targets = settings.deliverTo;
  const recovery = createRecovery({ intents, ledger, report, owe: (one) => owed.take(one), targets, now, wait });
  const burst = createBurst({ settings, ledger, outbound, intents, recovery, report, now });
  const { actsElsewhere } = guardian;
  const tell = createTell({ settings, ledger, outbound, burst, intents, recovery, report, actsElsewhere, now });
  const owed = createOwedSender({ intents, ledger, tell, targets, now, wait, isStopped: () => isStopped });
  owed.resume();
  return {
    recovery,
    deliver: createDeliver(settings, tell),
    talk: createTalk({
      settings,
      guardian,
      outbound,
      ledger,
      gateway,
      picturesFolder: join(folder, 'pictures'),
      now,
      wait,
      isStopped: () => isStopped,
    }),
    checkServer: guardian.check,
    stop() {
      isStopped = true;
    },
  };
}

/** Receipts to the server; the first that it does not take is logged, and the first that it takes again. */
function createReport(guardian: Guardian, log: PluginLogger, now: () => number): ReportReceipt {
  let isTaken = true;
  return async ({ channel, to }, alerts, { messageId, part, state, error, notification }) => {
    const took = await guardian.receipt({
      ...(notification === '' ? {} : { notification_id: notification }),
      alerts: alerts.map(({ fingerprint, status, startsAt }) => ({ fingerprint, status, starts_at: startsAt })),
      channel,
      to,
      provider_message_id: messageId === null ? `none-${now()}` : part === undefined ? messageId : `${messageId}#${part}`,
      state,
      at: new Date(now()).toISOString(),
      ...(error === undefined ? {} : { error }),
    });
    if (took !== isTaken) log.info(took ? 'the server takes receipts again' : 'the server takes no receipts');
    isTaken = took;
  };
}
