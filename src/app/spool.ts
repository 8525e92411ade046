import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Bus, PartitionRange, SpoolState } from '../bus/bus.ts';
import { openSpool } from '../bus/spool/spool.ts';
import { createSpoolingIntake, type SpoolingIntake } from '../bus/spool/spooling-intake.ts';
import { secondsToMs, type Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { isGuardianError } from '../errors.ts';
import type { UndoStack } from './undo-stack.ts';

/** What holds accepted records while the brokers are away. */
export interface Spooling extends Pick<SpoolingIntake, 'publish'> {
  /** Undefined where the spool is switched off. */
  readonly health: SpoolingIntake['health'] | undefined;
  state(): SpoolState;
}

export interface SpoolDeps {
  /** Data directory, absolute. */
  readonly root: string;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly undo: UndoStack;
}

/** Share of the deadline of a stop in which the spool may still be drained. */
const DRAIN_SHARE = 0.25;
/** Who reads does not wait for brokers that cannot be heard. */
const PATIENCE_MS = 2000;

/** Opens the spool of this data directory before a log on brokers, until the program stops. Throws what the file system throws. */
export async function startSpool(config: Config, { root, bus, clock, log, metrics, undo }: SpoolDeps): Promise<Spooling> {
  const spool = await openSpool({ dir: join(root, 'spool'), maxBytes: config.bus.kafka.spool_max_bytes, clock, log, metrics });
  const intake = createSpoolingIntake({ intake: bus, spool, clock, log });
  intake.start();
  undo.push('spool', () => intake.stop(secondsToMs(config.stop_deadline_s) * DRAIN_SHARE));
  const isOn = config.bus.kafka.spool_max_bytes > 0;
  return { publish: intake.publish, health: isOn ? intake.health : undefined, state: spool.state };
}

/** A log as it answers, and as it was when it last did. */
export interface SeenLog {
  /** The log itself; each answer about its extent is noted. */
  readonly asked: Bus;
  /** While the brokers are away the log has the extent that it had when it was last seen: what waits to be counted still waits. */
  readonly remembered: Bus;
}

/** Notes what is seen of the extent of a log. */
export function rememberExtent(bus: Bus): SeenLog {
  const seen = new Map<string, readonly PartitionRange[]>();
  const orSeen = async <T>(ask: () => Promise<T>, fallback: () => T | undefined): Promise<T> => {
    const asked = ask();
    asked.catch(() => undefined);
    try {
      const known = fallback();
      return await (known === undefined ? asked : Promise.race([asked, sleep(PATIENCE_MS, known, { ref: false })]));
    } catch (error) {
      const known = isGuardianError(error, 'BUS_UNAVAILABLE') ? fallback() : undefined;
      if (known === undefined) throw error;
      return known;
    }
  };
  const asked: Bus = {
    ...bus,
    ranges: async (topic) => {
      const ranges = await bus.ranges(topic);
      seen.set(topic, ranges);
      return ranges;
    },
  };
  const remembered: Bus = {
    ...bus,
    ranges: (topic) =>
      orSeen(
        () => asked.ranges(topic),
        () => seen.get(topic),
      ),
    offsetAt: (topic, partition, timeMs) =>
      orSeen(
        () => bus.offsetAt(topic, partition, timeMs),
        () => seen.get(topic)?.find((range) => range.partition === partition)?.next,
      ),
  };
  return { asked, remembered };
}
