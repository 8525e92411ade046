import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../bus/bus.ts';
import { MINUTE_MS, type Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { readConsumed } from '../store/verbs/log/read-consumed.ts';
import { readJudged } from '../store/verbs/detector/read-judged.ts';
import { readLastMinutes, readOpenHeardMinute } from '../store/verbs/minute/read-minutes.ts';
import { judgeProgress, type Judgement } from './judgement.ts';
import { judgeStreamTime, quietLimitMs, type StreamTime, type StreamTimeSettings } from './stream/stream-time.ts';

export interface JudgementReaderDeps {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
}

export interface JudgementReaderSettings extends StreamTimeSettings {
  /** `detect.behind_after_minutes` of the configuration. */
  readonly behindAfterMinutes: number;
}

/** Reads where the stream stands and how far the detector is in it: a few look-ups, cheap enough for every check of health. */
export interface JudgementReader {
  time(): Promise<StreamTime>;
  /** `stream`: default as it is now. */
  judgement(stream?: StreamTime): Promise<Judgement>;
}

/** Makes the reader. Its methods throw STORE_UNAVAILABLE and BUS_UNAVAILABLE. */
export function createJudgementReader(deps: JudgementReaderDeps, settings: JudgementReaderSettings): JudgementReader {
  const { database, clock } = deps;
  const limits = { behindMs: settings.behindAfterMinutes * MINUTE_MS, lateMs: settings.lateS * 1000 };
  const time = async (): Promise<StreamTime> => {
    const { last, lastHeard } = await readLastMinutes(database);
    const now = clock.now();
    const closed = judgeStreamTime(last, lastHeard, now, settings);
    if (closed.state !== 'stalled') return closed;
    // What comes again is in a minute that is open for some time yet.
    const heard = await readOpenHeardMinute(database, now - quietLimitMs(settings));
    return heard === null ? closed : { ...closed, state: 'live' };
  };
  return {
    time,
    async judgement(stream) {
      const now = clock.now();
      const [at, judged, recordsWait] = await Promise.all([
        stream ?? time(),
        readJudged(database),
        doRecordsWait(deps, now - limits.behindMs),
      ]);
      return judgeProgress({ stream: at, judged, recordsWait, now }, limits);
    },
  };
}

/** True when a record that was accepted before `beforeMs` (wall clock) is not counted. */
async function doRecordsWait({ bus, database }: JudgementReaderDeps, beforeMs: number): Promise<boolean> {
  const [ranges, consumed] = await Promise.all([bus.ranges(TOPICS.transactions), readConsumed(database, TOPICS.transactions)]);
  const waits = ranges.map(async ({ partition, earliest, next }) => {
    const position = Math.max(earliest, consumed.get(partition) ?? 0);
    return position < next && position < (await bus.offsetAt(TOPICS.transactions, partition, beforeMs));
  });
  return (await Promise.all(waits)).includes(true);
}
