import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Stage, StageHealth } from '../stage.ts';
import { createWakeSignal } from '../wake-signal.ts';
import type { Database } from '../store/database.ts';
import { readMirrorTrouble } from '../store/verbs/incident/incident-mirror.ts';
import { keepIncidents, type KeepOptions } from './keep-incidents.ts';

export interface KeeperDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  /** Sends to the external tracker what it does not have yet. */
  readonly mirror?: (signal: AbortSignal) => Promise<void>;
}

export interface KeeperOptions extends KeepOptions {
  /** Between two looks (default 2 000 ms). */
  readonly everyMs?: number;
}

/** Creates the stage that keeps incidents up to date. What it cannot do now it does at the next look. */
export function createIncidentKeeper(deps: KeeperDeps, options: KeeperOptions): Stage & { look(): Promise<void> } {
  const { database, clock, log, mirror } = deps;
  const stopping = new AbortController();
  const wake = createWakeSignal(stopping.signal);
  let trouble: string | undefined;
  let mirrorTrouble: string | null = null;
  let running: Promise<void> | undefined;

  async function look(): Promise<void> {
    await database.transaction((tx) => keepIncidents(tx, clock.now(), options));
    await mirror?.(stopping.signal);
    mirrorTrouble = mirror === undefined ? null : await readMirrorTrouble(database);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await look();
        trouble = undefined;
      } catch (error) {
        if (stopping.signal.aborted) return;
        trouble = messageOf(error);
        log.warn({ reason: trouble }, 'incidents could not be updated; trying again');
      }
      await wake.wait(options.everyMs ?? 2000);
    }
  }

  return {
    name: 'incident',
    start: async () => {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
    health: (): StageHealth => {
      if (trouble !== undefined) return { status: 'degraded', detail: trouble };
      return mirrorTrouble === null ? { status: 'ok' } : { status: 'degraded', detail: `tracker: ${mirrorTrouble}` };
    },
    look,
  };
}
