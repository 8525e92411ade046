import { FAULT_TYPES } from '@transaction-guardian/contracts/anomaly-type.ts';
import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import type { Stats } from '@transaction-guardian/contracts/stats.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus, SpoolState } from '../bus/bus.ts';
import { MINUTE_MS, type Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { listScores } from '../store/verbs/detector/list-scores.ts';
import { readLastTransactionMinute } from '../store/verbs/minute/read-minutes.ts';
import { readConsumed } from '../store/verbs/log/read-consumed.ts';
import { readStatsFigures } from '../store/verbs/stats-figures.ts';
import type { FleetMinute, FleetMinutes } from './fleet-minutes.ts';
import type { Judgement } from './judgement.ts';
import { createJudgementReader, type JudgementReaderSettings } from './judgement-reader.ts';
import { shareAnswer, type SharedAnswers } from './shared-answers.ts';
import type { StreamTime } from './stream/stream-time.ts';

const HOUR_MINUTES = 60;
const RATE_MINUTES = 5;
/** What the program says of itself is no incident of the traffic, and has times of the wall clock. */
const TRAFFIC_FAULTS = FAULT_TYPES.filter((type) => !SELF_TYPES.includes(type));

export interface StatsDeps {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly minutes: FleetMinutes;
}

export interface StatsSettings extends JudgementReaderSettings {
  readonly timeZone: string;
  /** Language that was configured; undefined: that of each reader. */
  readonly locale: Locale | undefined;
  /** Of a demonstration: how many minutes of traffic come in a minute. */
  readonly demoSpeed?: (() => number) | undefined;
  /** What this process has accepted and holds for a log that is away. */
  readonly spool?: (() => SpoolState) | undefined;
  /** Answers of the other API processes; default: this one is alone. */
  readonly answers?: SharedAnswers;
}

/** Several processes compute the figures once a second together. */
const SHARED = { name: 'stats', forMs: 1000 };

/** Reads the numbers of `GET /stats`, and where the stream stands. */
export interface StatsReader {
  read(): Promise<Stats>;
  time(): Promise<StreamTime>;
  /** How far the detector is: a few look-ups, cheap enough for every check of health. */
  judgement(): Promise<Judgement>;
}

/** Makes the reader. Its methods throw STORE_UNAVAILABLE and BUS_UNAVAILABLE. */
export function createStatsReader(deps: StatsDeps, settings: StatsSettings): StatsReader {
  const { database, clock, minutes } = deps;
  const { time, judgement: judge } = createJudgementReader(deps, settings);
  const readNow = async (): Promise<Stats> => {
    const stream = await time();
    const last = stream.lastMinute;
    const now = stream.now ?? clock.now();
    const [hour, figures, score, lag, judgement] = await Promise.all([
      last === null ? [] : minutes.read({ from: last - (HOUR_MINUTES - 1) * MINUTE_MS, to: last + MINUTE_MS }),
      readStatsFigures(database, {
        types: FAULT_TYPES,
        trafficTypes: TRAFFIC_FAULTS,
        from: now - HOUR_MINUTES * MINUTE_MS,
        to: now,
      }),
      listScores(database, { node: 'fleet', limit: 1 }),
      readLag(deps),
      judge(stream),
    ]);
    return {
      ...traffic(hour, last),
      anomalies_last_hour: figures.recent,
      active_alerts: figures.shown,
      held_alerts: figures.held,
      open_incidents: figures.open_incidents,
      open_anomalies: figures.open,
      last_minute: isoOf(last),
      last_transaction_minute: isoOf(await lastTransactionOf(database, hour, last)),
      stream: stream.state,
      stream_now: isoOf(stream.now),
      learning: last !== null && (score[0] === undefined || score[0].state === 'learning'),
      lag_records: lag,
      lag_minutes: judgement.closedWaiting,
      judged: judgement.state,
      judged_until: isoOf(judgement.until),
      minutes_behind: judgement.minutesBehind,
      last_incident_at: isoOf(figures.last_incident),
      time_zone: settings.timeZone,
      ...(settings.demoSpeed === undefined ? {} : { demo_speed: settings.demoSpeed() }),
      ...(settings.locale === undefined ? {} : { locale: settings.locale }),
    };
  };
  const { answers } = settings;
  const ask = answers === undefined ? readNow : shareAnswer(answers, SHARED, readNow);
  const askAll = async (): Promise<Stats> => withSpool(await ask(), settings.spool?.(), clock.now());
  let running: Promise<Stats> | null = null;
  return {
    time,
    judgement: () => judge(),
    // Callers at the same time share one round of queries.
    read() {
      running ??= askAll().finally(() => {
        running = null;
      });
      return running;
    },
  };
}

/** What is spooled is accepted and not counted. */
function withSpool(stats: Stats, spool: SpoolState | undefined, now: number): Stats {
  if (spool === undefined) return stats;
  const { records, bytes, oldestAt } = spool;
  const oldest = Math.max(0, Math.round((now - (oldestAt ?? now)) / 1000));
  return { ...stats, lag_records: stats.lag_records + records, spool: { records, bytes, oldest_seconds: oldest } };
}

const isoOf = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/** The newest minute with transactions: of the last hour, which is there, else from before it. */
async function lastTransactionOf(database: Database, hour: readonly FleetMinute[], last: number | null): Promise<number | null> {
  if (last === null) return null;
  const found = hour.findLast(({ total }) => total > 0)?.minute;
  return found ?? (await readLastTransactionMinute(database, last - (HOUR_MINUTES - 1) * MINUTE_MS));
}

function traffic(hour: readonly FleetMinute[], last: number | null) {
  const byStatus: Record<string, number> = {};
  let total = 0;
  let lately = 0;
  for (const minute of hour) {
    total += minute.total;
    if (last !== null && minute.minute > last - RATE_MINUTES * MINUTE_MS) lately += minute.total;
    for (const [status, count] of Object.entries(minute.by_status)) byStatus[status] = (byStatus[status] ?? 0) + count;
  }
  // A stream that is younger than five minutes is not divided by minutes that it never had.
  const span = Math.max(1, Math.min(RATE_MINUTES, hour.length));
  return {
    transactions_per_minute: lately / span,
    approval_rate: total === 0 ? null : (100 * (byStatus['approved'] ?? 0)) / total,
    transactions_last_hour: total,
    by_status: byStatus,
  };
}

async function readLag({ bus, database }: StatsDeps): Promise<number> {
  const [ranges, consumed] = await Promise.all([bus.ranges(TOPICS.transactions), readConsumed(database, TOPICS.transactions)]);
  return ranges.reduce(
    (lag, { partition, earliest, next }) => lag + Math.max(0, next - Math.max(earliest, consumed.get(partition) ?? 0)),
    0,
  );
}
