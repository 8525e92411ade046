import { reasonText } from '@transaction-guardian/contracts/text/text.ts';
import type { Health, SupervisedProcess } from '@transaction-guardian/contracts/stats.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Judgement } from '../read/judgement.ts';
import { isGuardianError, messageOf } from '../errors.ts';
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
      detail: `not known: ${messageOf(error)}`,
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
        uptime: exactUptime(seconds),
        uptime_seconds: seconds,
        version,
        checks: parts,
        ...(supervised === undefined ? {} : { processes: [...supervised] }),
      };
    },
    async ready() {
      // A detector that is behind is no reason to send elsewhere, and its queries would wait for the first batches of a start.
      const parts = await checks();
      const reasons = Object.entries(parts)
        .filter(([name, part]) => (part.status === 'down' || part.status === 'starting') && countsForReady(name))
        .map(([name, part]) => `${name}: ${part.detail ?? part.status}`);
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

/** One entry `process:<name>` for each process that has ended and is not back: its supervisor knows at once, its reports only show it
 *  once they are stale. */
function restartingHealth(processes: readonly SupervisedProcess[]): Record<string, StageHealth> {
  const ended = processes.filter(({ phase, last_end: end }) => end !== null && (phase === 'waiting' || phase === 'starting'));
  return Object.fromEntries(
    ended.map(({ name, last_end: end }) => [
      `process:${name}`,
      { status: 'degraded', detail: `ended with ${end ?? ''}; it is being started again` },
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
  const position = until === null ? 'nothing judged yet' : `judged up to ${new Date(until).toISOString()}`;
  return { status: 'degraded', detail: `${position}, ${minutesBehind} min behind` };
}

function detectionHealth(still: Standstill | undefined): StageHealth {
  if (still === undefined) return { status: 'ok' };
  return {
    status: 'down',
    detail: `Detection has stood still for ${exactUptime(Math.round(still.forMs / 1000))}: ${still.reason === undefined ? '' : reasonText('en', still.reason)}.`,
  };
}

async function probe(ask: () => Promise<unknown>): Promise<StageHealth> {
  try {
    await within(PATIENCE_MS, ask());
    return { status: 'ok' };
  } catch (error) {
    return { status: isGuardianError(error, 'APP_STARTING') ? 'starting' : 'down', detail: messageOf(error) };
  }
}

/** "3d 4h 12m", "4h 12m", "12m 5s" or "5s". */
export function exactUptime(totalSeconds: number): string {
  const parts = [
    [Math.floor(totalSeconds / 86_400), 'd'],
    [Math.floor(totalSeconds / 3600) % 24, 'h'],
    [Math.floor(totalSeconds / 60) % 60, 'm'],
    [totalSeconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) return '0s';
  return parts
    .slice(first, first + (first === 0 ? 3 : 2))
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}
