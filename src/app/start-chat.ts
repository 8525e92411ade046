import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { HOLD_KINDS } from '../alertmanager/held.ts';
import type { Directory } from '../auth/directory.ts';
import type { UnknownSenders } from '../auth/unknown-senders.ts';
import { createChat, type Chat } from '../chat/chat.ts';
import type { Acts } from '../chat/acts.ts';
import type { ChatData } from '../chat/turn.ts';
import { MINUTE_MS } from '../clock.ts';
import { readDeliveries } from '../proof/deliveries.ts';
import type { Config } from '../config/config-schema.ts';
import type { EndForeign } from '../respond/held-foreign.ts';
import { createLatencyMinutes } from '../telemetry/latency-minutes.ts';
import { createUptimeRecorder } from '../uptime/recorder.ts';
import { createElsewhere } from './elsewhere.ts';
import { deliverySettings } from './proof-stage.ts';

export interface ChatParts {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly data: Omit<ChatData, 'latency' | 'timeZone' | 'shifts' | 'heldElsewhere' | 'deliveries'>;
  readonly acts: Omit<Acts, 'elsewhere'>;
  readonly directory: Directory;
  readonly unknown: UnknownSenders;
}

/** Makes the chat, and starts what it reports: the record of the uptime and the latency of the last hour; and the look that keeps
 *  Alertmanager to what it was asked to hold back. */
export function startChat({ config, log, metrics, data, acts, directory, unknown }: ChatParts): {
  readonly chat: Chat;
  /** Absent where no Alertmanager is configured. */
  readonly endForeign: EndForeign | undefined;
  stop(): Promise<void>;
} {
  const { database, clock, health } = data;
  const latency = createLatencyMinutes(metrics, clock);
  const timer = setInterval(() => {
    latency.take().catch((error: unknown) => log.warn({ err: error }, 'failed to read the latency of the last minute'));
  }, MINUTE_MS).unref();
  const uptime = createUptimeRecorder({ database, clock, log, health });
  uptime.start();
  const elsewhere = createElsewhere(config, acts.respond, { database, log });
  elsewhere?.kept.start();
  return {
    chat: createChat({
      data: {
        ...{ ...data, latency: latency.read, timeZone: config.time_zone, shifts: config.briefing.shifts },
        ...(elsewhere === undefined ? {} : { heldElsewhere: elsewhere.heldElsewhere }),
        deliveries: () => readDeliveries(database, deliverySettings(config), Math.round(clock.now())),
      },
      acts: { ...acts, elsewhere: elsewhere?.acts },
      directory,
      unknown,
    }),
    endForeign: elsewhere && ((actor, fingerprint) => elsewhere.acts.release(actor, { fingerprint, kinds: HOLD_KINDS.toReversed() })),
    async stop() {
      clearInterval(timer);
      await elsewhere?.kept.stop();
      await uptime.stop();
    },
  };
}
