import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Directory } from '../auth/directory.ts';
import type { UnknownSenders } from '../auth/unknown-senders.ts';
import { createChat, type Chat } from '../chat/chat.ts';
import type { Acts } from '../chat/acts.ts';
import type { ChatData } from '../chat/turn.ts';
import { createHeldAlerts } from '../alertmanager/held-alerts.ts';
import { MINUTE_MS, type Clock } from '../clock.ts';
import { readDeliveries } from '../proof/deliveries.ts';
import type { Config } from '../config/config-schema.ts';
import { createLatencyMinutes } from '../telemetry/latency-minutes.ts';
import { createUptimeRecorder } from '../uptime/recorder.ts';
import { deliverySettings } from './proof-stage.ts';

export interface ChatParts {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly data: Omit<ChatData, 'latency' | 'timeZone' | 'shifts' | 'heldElsewhere' | 'deliveries'>;
  readonly acts: Acts;
  readonly directory: Directory;
  readonly unknown: UnknownSenders;
}

/** Makes the chat, and starts what it reports: the record of the uptime and the latency of the last hour. */
export function startChat({ config, log, metrics, data, acts, directory, unknown }: ChatParts): {
  readonly chat: Chat;
  stop(): Promise<void>;
} {
  const { database, clock, health } = data;
  const latency = createLatencyMinutes(metrics, clock);
  const timer = setInterval(() => {
    latency.take().catch((error: unknown) => log.warn({ err: error }, 'failed to read the latency of the last minute'));
  }, MINUTE_MS).unref();
  const uptime = createUptimeRecorder({ database, clock, log, health });
  uptime.start();
  return {
    chat: createChat({
      data: {
        ...{ ...data, ...heldBy(config, clock), latency: latency.read, timeZone: config.time_zone, shifts: config.briefing.shifts },
        deliveries: () => readDeliveries(database, deliverySettings(config), Math.round(clock.now())),
      },
      acts,
      directory,
      unknown,
    }),
    async stop() {
      clearInterval(timer);
      await uptime.stop();
    },
  };
}

function heldBy({ alert }: Config, clock: Clock): Pick<ChatData, 'heldElsewhere'> {
  if (alert.alertmanagers.length === 0) return {};
  return { heldElsewhere: createHeldAlerts(alert.alertmanagers, { clock, hasOurs: alert.notifier === 'alertmanager' }) };
}
