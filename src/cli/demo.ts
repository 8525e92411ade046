import { secondsToMs } from '../clock.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '../app/app.ts';
import type { Config } from '../config/config-schema.ts';
import { isGuardianError } from '../errors.ts';
import { createDemo } from '../simulate/demo.ts';
import type { SimulatedIncident } from '../simulate/incidents.ts';
import type { Cli } from './cli.ts';
import { DEMO_SPEED, type DemoTime } from './demo-time.ts';
import { drainedThrough } from './drained-through.ts';
import { createProgress } from './progress.ts';

const HISTORY_HOURS = 24;
const SEED = 'demo';
const RETRY_MS = 250;

/** Feeds a simulated company into the running program until it is stopped; reports its progress to `time`. */
export async function runDemo(cli: Cli, app: App, config: Config, time: DemoTime): Promise<void> {
  const progress = createProgress(cli, cli.say('demo.history', { hours: HISTORY_HOURS }), HISTORY_HOURS * 60);
  const wait = (ms: number): Promise<void> => sleep(ms, undefined, { signal: cli.signal }).catch(() => undefined);
  const demo = createDemo(
    {
      clock: cli.clock,
      signal: cli.signal,
      sleep: wait,
      send: (rows, { backfill }) => sendAll(cli, app, rows, { backfill, wait }),
      onMinute: time.reach,
      onHistory: (done) => progress.update(done),
      onLive: () => {
        time.live();
        cli.note(cli.say('demo.live'));
      },
      onIncident: (incident) => cli.note(cli.say('demo.incident', describe(incident))),
    },
    {
      seed: SEED,
      speed: DEMO_SPEED,
      timeZone: config.time_zone,
      historyHours: HISTORY_HOURS,
      liveWithinMs: secondsToMs(config.window.live_within_s),
    },
  );
  try {
    await demo.fillHistory();
    if (!cli.signal.aborted) await drainedThrough(app, cli.signal);
  } finally {
    progress.stop();
  }
  await demo.run();
}

interface SendOptions {
  readonly backfill: boolean;
  readonly wait: (ms: number) => Promise<void>;
}

/** Rows keep their ids, so sending them again after a refusal for overload counts nothing twice. */
async function sendAll(cli: Cli, app: App, rows: readonly object[], { backfill, wait }: SendOptions): Promise<void> {
  while (!cli.signal.aborted) {
    try {
      await app.ingest.acceptMany(rows, { source: 'simulator', locale: cli.locale, backfill });
      return;
    } catch (error) {
      if (!isGuardianError(error) || !error.retryable) throw error;
      await wait(RETRY_MS);
    }
  }
}

function describe(incident: SimulatedIncident): { readonly type: string; readonly minutes: number; readonly slice: string } {
  const slice = Object.entries(incident.slice).map(([name, value]) => `${name} ${value}`);
  return { type: incident.type, minutes: (incident.end - incident.start) / 60_000, slice: slice.join(', ') || '*' };
}
