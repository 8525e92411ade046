import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { repeat, type Stage } from '../stage.ts';
import type { Database } from '../store/database.ts';
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
  async function look(): Promise<void> {
    const isJudged = await judged();
    await database.transaction((tx) => makeBriefings(tx, clock.now(), { ...options, judged: isJudged }));
  }

  const { start, stop, health } = repeat(look, { everyMs: options.everyMs ?? 5000, log, failure: 'briefing not made, retrying' });
  return { name: 'briefing', start, stop, health, look };
}
