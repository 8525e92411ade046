import type { HealthReason } from '@transaction-guardian/contracts/health-reason.ts';
import { detailOf } from '@transaction-guardian/contracts/text/part-text.ts';
import { spanText } from '@transaction-guardian/contracts/text/render-text.ts';
import type { Health, SupervisedProcess } from '@transaction-guardian/contracts/stats.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Judgement } from '../read/judgement.ts';
import { failureReason, isGuardianError } from '../errors.ts';
import { within } from '../within.ts';
import type { Readiness } from '../http/routes/health.ts';
import type { DataHealth } from './data-losses.ts';
import type { StageHealth } from '../stage.ts';
import type { Behind } from './behind.ts';
import type { Standstill } from './watchdog.ts';

export interface HealthReportDeps {
  readonly behind: Pick<Behind, 'database' | 'checks' | 'standstill' | 'started'>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly version: string;
  /** Whether what is published reaches the disk. */
  readonly publishing: () => StageHealth;
  /** How what holds accepted records is while the log is away; undefined where nothing does. */
  readonly spool?: (() => StageHealth) | undefined;
  /** Whether the disk has room, and will have for hours; undefined where the owner of the data says it. */
  readonly disk: (() => StageHealth) | undefined;
  /** What happened to the files of the data directory; undefined in the same case. */
  readonly data: (() => DataHealth) | undefined;
  /** Whether the Redis server answers; undefined where none is configured. */
  readonly redis?: (() => StageHealth) | undefined;
  /** Processes of this machine, where somebody supervises them. */
  readonly processes?: (() => readonly SupervisedProcess[] | undefined) | undefined;
  /** How far the detector is. */
  readonly judgement: () => Promise<Judgement>;
}

/** Parts without which nothing is accepted or judged, as without a role that must be there. */
const VITAL: ReadonlySet<string> = new Set(['log', 'intake', 'detection']);
/** How long a part may take to say how it is. A busy database must not make the whole program look dead. */
const PATIENCE_MS = 2000;

/** Makes the answers of `/health` and `/ready`. Unhealthy: nothing can be accepted, detection stands still, or a role is
 *  absent. Starting:
 *  transactions are accepted, nothing is judged yet. Degraded: what is accepted waits. */
export function createHealthReport(deps: HealthReportDeps): {
  readonly health: () => Promise<Health>;
  readonly ready: () => Promise<Readiness>;
} {
  const { behind, bus, clock, version, publishing, spool, disk, data, redis, processes, judgement } = deps;
  const startedAt = clock.monotonic();
  let hasStarted = false;
  behind.started.then(
    () => (hasStarted = true),
    () => undefined,
  );

  const lag = (): Promise<StageHealth> =>
    within(PATIENCE_MS, judgement()).then(lagOf, (error: unknown): StageHealth => ({
      status: isGuardianError(error, 'APP_STARTING') ? 'starting' : 'degraded',
      reasons: [{ code: 'part_unknown', params: {}, cause: failureReason(error) }],
    }));

  /** All parts but how far the detector is. */
  async function checks(supervised: readonly SupervisedProcess[] = []): Promise<Record<string, DataHealth>> {
    const [log, store] = await Promise.all([probe(() => bus.ranges(TOPICS.transactions)), probe(() => behind.database.query('select 1'))]);
    return {
      log: healthOfLog(log, publishing(), spool?.()),
      store,
      ...restartingHealth(supervised),
      ...behind.checks(),
      ...(disk === undefined ? {} : { disk: disk() }),
      ...(data === undefined ? {} : { data: data() }),
      ...(redis === undefined ? {} : { redis: redis() }),
      detection: detectionHealth(behind.standstill()),
    };
  }

  /** With a spool a process accepts what comes while log, database and all others are away: who sends must not be kept from it. */
  const countsForReady = (name: string): boolean =>
    spool !== undefined && hasStarted ? name === 'log' : !name.startsWith('receiver:') && !name.startsWith('shard:');

  return {
    async health() {
      const supervised = processes?.();
      const [most, detectorLag] = await Promise.all([checks(supervised), lag()]);
      const parts = { ...most, detector_lag: detectorLag };
      const states = Object.values(parts).map((part) => part.status);
      const seconds = Math.floor((clock.monotonic() - startedAt) / 1000);
      const isDown = Object.entries(parts).some(([name, { status }]) => status === 'down' && (VITAL.has(name) || name.startsWith('role:')));
      return {
        status: isDown ? 'unhealthy' : statusOf(states),
        uptime: spanText(seconds),
        uptime_seconds: seconds,
        version,
        checks: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, checkOf(part)])),
        ...(supervised === undefined ? {} : { processes: [...supervised] }),
      };
    },
    async ready() {
      // A detector that is behind is no reason to send elsewhere, and its queries would wait for the first batches of a start.
      const parts = await checks();
      const reasons = Object.entries(parts)
        .filter(([name, part]) => (part.status === 'down' || part.status === 'starting') && countsForReady(name))
        .map(([name, part]) => `${name}: ${checkOf(part).detail ?? part.status}`);
      if (reasons.length === 0) return { status: 'ready', reasons };
      const isDown = Object.values(parts).some((part) => part.status === 'down');
      return { status: isDown ? 'not_ready' : 'starting', reasons };
    },
  };
}

function statusOf(states: readonly StageHealth['status'][]): Health['status'] {
  if (states.includes('starting')) return 'starting';
  return states.every((state) => state === 'ok') ? 'healthy' : 'degraded';
}

/** The state of a part with its reasons in English, for programs that read no codes. */
function checkOf(part: DataHealth): Health['checks'][string] {
  const { status, reasons = [], losses } = part;
  if (reasons.length === 0 && losses === undefined) return { status };
  return {
    status,
    detail: detailOf(part),
    ...(reasons.length === 0 ? {} : { reasons: [...reasons] }),
    ...(losses === undefined ? {} : { losses }),
  };
}

/** One entry `process:<name>` for each process that has ended and is not back: its supervisor knows at once, its reports only show it
 *  once they are stale. */
function restartingHealth(processes: readonly SupervisedProcess[]): Record<string, StageHealth> {
  const ended = processes.filter(({ phase, last_end: end }) => end !== null && (phase === 'waiting' || phase === 'starting'));
  return Object.fromEntries(
    ended.map(({ name, last_end: end }) => [
      `process:${name}`,
      { status: 'degraded', reasons: [{ code: 'part_process_restarting', params: { end: end ?? '' } }] },
    ]),
  );
}

/** A log that cannot be reached is no reason to refuse anything where accepted records are held for it. */
function healthOfLog(log: StageHealth, publishing: StageHealth, spool: StageHealth | undefined): StageHealth {
  if (spool === undefined) return log.status === 'ok' ? publishing : log;
  if (publishing.status !== 'ok') return publishing;
  if (spool.status !== 'ok') return spool;
  return log.status === 'ok' ? log : { ...log, status: 'degraded' };
}

/** Records are still accepted while the detector is behind, but nobody learns of what is in them. */
function lagOf({ state, until, minutesBehind }: Judgement): StageHealth {
  if (state !== 'behind') return { status: 'ok' };
  const reason: HealthReason =
    until === null
      ? { code: 'part_behind_all', params: { minutes: minutesBehind } }
      : { code: 'part_behind', params: { until: new Date(until).toISOString(), minutes: minutesBehind } };
  return { status: 'degraded', reasons: [reason] };
}

function detectionHealth(still: Standstill | undefined): StageHealth {
  if (still === undefined) return { status: 'ok' };
  return {
    status: 'down',
    reasons: [
      {
        ...{ code: 'part_standstill', params: { seconds: Math.round(still.forMs / 1000) } },
        ...(still.reason === undefined ? {} : { cause: still.reason }),
      },
    ],
  };
}

async function probe(ask: () => Promise<unknown>): Promise<StageHealth> {
  try {
    await within(PATIENCE_MS, ask());
    return { status: 'ok' };
  } catch (error) {
    return { status: isGuardianError(error, 'APP_STARTING') ? 'starting' : 'down', reasons: [failureReason(error)] };
  }
}
