import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Stage, StageHealth } from '../stage.ts';
import type { Database } from '../store/database.ts';
import { createWakeSignal } from '../wake-signal.ts';
import { makeBriefings, type MakeOptions } from './make-briefings.ts';

export interface BriefingStageDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether the detector has judged everything. */
  readonly judged: () => Promise<boolean>;
}

/** Creates the stage that makes briefings when they are due. What it cannot do now it does at the next look. */
export function createBriefingStage(
  { database, clock, log, judged }: BriefingStageDeps,
  options: MakeOptions & { readonly everyMs?: number },
): Stage & { look(): Promise<void> } {
  const stopping = new AbortController();
  const wake = createWakeSignal(stopping.signal);
  let trouble: string | undefined;
  let running: Promise<void> | undefined;

  async function look(): Promise<void> {
    const isJudged = await judged();
    await database.transaction((tx) => makeBriefings(tx, clock.now(), { ...options, judged: isJudged }));
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await look();
        trouble = undefined;
      } catch (error) {
        if (stopping.signal.aborted) return;
        trouble = messageOf(error);
        log.warn({ reason: trouble }, 'briefing not made, retrying');
      }
      await wake.wait(options.everyMs ?? 5000);
    }
  }

  return {
    name: 'briefing',
    start: async () => {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
    health: (): StageHealth => (trouble === undefined ? { status: 'ok' } : { status: 'degraded', detail: trouble }),
    look,
  };
}
