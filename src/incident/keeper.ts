import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { failureReason } from '../errors.ts';
import { repeat, type Stage, type StageHealth } from '../stage.ts';
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
  let mirrorTrouble: string | null = null;

  async function look(): Promise<void> {
    await database.transaction((tx) => keepIncidents(tx, clock.now(), options));
    await mirror?.(loop.signal);
    mirrorTrouble = mirror === undefined ? null : await readMirrorTrouble(database);
  }

  const loop = repeat(look, { everyMs: options.everyMs ?? 2000, log, failure: 'incidents could not be updated; trying again' });
  return {
    name: 'incident',
    start: loop.start,
    stop: loop.stop,
    health(): StageHealth {
      const own = loop.health();
      return own.status !== 'ok' || mirrorTrouble === null
        ? own
        : { status: 'degraded', reasons: [{ code: 'part_tracker', params: {}, cause: failureReason(mirrorTrouble) }] };
    },
    look,
  };
}
