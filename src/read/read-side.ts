import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Logger } from 'pino';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { listScores } from '../store/verbs/detector/list-scores.ts';
import type { Cache } from './cache.ts';
import { createFleetMinutes, type FleetMinutes } from './fleet-minutes.ts';
import { createMerchantReader, type MerchantReader } from './merchant-reader.ts';
import { bandOf } from './series-reader.ts';
import { createStatsReader, type StatsReader } from './stats-reader.ts';
import type { SharedAnswers } from './shared-answers.ts';
import { createStreamHub, type StreamHub } from './stream/stream-hub.ts';

export interface ReadSideDeps {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ReadSideOptions {
  readonly timeZone: string;
  /** Configured name of an actor; default the id. */
  readonly nameOf?: ((id: string) => string) | undefined;
  /** Language that was configured for the console; undefined: that of each browser. */
  readonly locale: Locale | undefined;
  /** `window.live_within_s` and `window.late_s` of the configuration. */
  readonly liveWithinS: number;
  readonly lateS: number;
  /** `detect.behind_after_minutes` of the configuration. */
  readonly behindAfterMinutes: number;
  /** Of a demonstration: how many minutes of traffic come in a minute. */
  readonly demoSpeed?: (() => number) | undefined;
  /** Tells the consumer groups of several processes apart. */
  readonly instance: string;
  /** Answers of the other processes; default: this one is alone. */
  readonly answers?: SharedAnswers;
}

/** Everything that the reading routes share. `hub` is a stage: start and stop it. */
export interface ReadSide {
  readonly database: Database;
  readonly minutes: FleetMinutes;
  readonly stats: StatsReader;
  readonly merchants: MerchantReader;
  readonly hub: StreamHub;
  readonly timeZone: string;
  readonly caches: readonly Cache[];
}

/** Makes the read side of one server. */
export function createReadSide(deps: ReadSideDeps, options: ReadSideOptions): ReadSide {
  const { database } = deps;
  const minutes = createFleetMinutes(database);
  const stats = createStatsReader({ ...deps, minutes }, options);
  const hub = createStreamHub(
    {
      ...deps,
      readStats: stats.read,
      readBands: async (range) => {
        const scores = await listScores(database, { node: 'fleet', ...range });
        return scores.map((score) => ({ minute: new Date(score.minute).toISOString(), ...bandOf(score) }));
      },
    },
    options,
  );
  const merchants = createMerchantReader(database, stats, deps.clock);
  return { database, minutes, stats, merchants, hub, timeZone: options.timeZone, caches: [minutes.cache, merchants.cache] };
}
