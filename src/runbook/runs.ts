import type { ActorIdentity } from '@transaction-guardian/contracts/actor.ts';
import type { RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import type { Logger } from 'pino';
import { isGuardianError, messageOf } from '../errors.ts';
import { readHeldRuns, renewRuns, type HeldRun } from '../store/verbs/runbook/runbook-run.ts';
import type { Supervisor } from './step/action.ts';
import { driveRun, type EndCause } from './drive-run.ts';
import type { StepDeps } from './drive-step.ts';
import { msOf } from './duration.ts';
import { handedOver, holderText, isGone, isHandedOver, type Holder } from './holder.ts';
import type { Given, Values } from './placeholder.ts';
import { definitionOf, interrupted } from './run-record.ts';
import { persistRun } from './run-store.ts';
import { endProcesses } from './step/process-host.ts';

export interface RunsDeps extends StepDeps {
  readonly log: Logger;
  readonly holder: Holder;
  readonly supervisor: Supervisor;
  /** What placeholders name besides parameters. */
  readonly given: () => Omit<Given, 'run_id'>;
  /** Called with every change of a record, after it is stored. */
  readonly changed: (record: RunRecord) => void;
}

/** Works on runs of this process, and finds those that nobody works on. */
export interface Runs {
  /** Begins with a stored run. */
  begin(record: RunRecord): void;
  /** Ends a run of this process; nothing for others, whose process finds out from the database. */
  cancel(id: string, by: ActorIdentity): void;
  /** Values of placeholders for a run. */
  valuesOf(record: Pick<RunRecord, 'id' | 'parameters'>): Values;
  /** Takes over what an earlier process has left, and goes on looking. */
  start(): Promise<void>;
  /** Ends every run of this process: it is interrupted, or handed over when this is the restart that it asked for. */
  stop(): Promise<void>;
}

interface Active {
  readonly runbook: string;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

const RUN_TIMEOUT_MS = 30 * 60_000;
const LOOK_MS = 5000;

export function createRuns(deps: RunsDeps): Runs {
  const { clock, database, log } = deps;
  const own = holderText(deps.holder);
  const active = new Map<string, Active>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let isStopped = false;

  const valuesOf: Runs['valuesOf'] = ({ id, parameters }) => ({ ...parameters, ...deps.given(), run_id: id });

  async function drive(record: RunRecord, controller: AbortController): Promise<void> {
    const end = (cause: EndCause): void => controller.abort(cause);
    const timeoutMs = msOf(definitionOf(record).timeout, RUN_TIMEOUT_MS);
    const passedMs = Math.min(timeoutMs - 1000, Math.max(0, clock.now() - Date.parse(record.started_at)));
    const late = setTimeout(() => end({ kind: 'timeout' }), timeoutMs - passedMs);
    const holders = { kept: { from: own }, handed: { from: own, to: handedOver(own) }, back: { from: handedOver(own), to: own } };
    try {
      await driveRun(record, {
        ...deps,
        values: valuesOf(record),
        signal: controller.signal,
        others: () => [...active].filter(([id]) => id !== record.id).map(([, { runbook }]) => runbook),
        async save(next, how) {
          await persistRun(deps, next, holders[how ?? 'kept']);
          deps.changed(next);
        },
      });
    } catch (error) {
      log.error(
        { err: error, run: record.id },
        isGuardianError(error, 'RUNBOOK_FENCED') ? 'another process has taken a run' : 'a run could not be recorded and was left',
      );
    } finally {
      clearTimeout(late);
    }
  }

  function begin(record: RunRecord): void {
    if (active.has(record.id)) return;
    const controller = new AbortController();
    const ended = drive(record, controller).finally(() => active.delete(record.id));
    active.set(record.id, { runbook: record.runbook, controller, ended });
    deps.changed(record);
  }

  const cancel: Runs['cancel'] = (id, by) => active.get(id)?.controller.abort({ kind: 'cancel', by } satisfies EndCause);

  /** A run that its process does not work on any more: the next process goes on with one that was left to it, the others are interrupted. */
  async function takeOver({ record, holder, isExpired }: HeldRun): Promise<void> {
    const gone = isGone(holder, deps.holder, (pid) => deps.host.signal(pid, 0));
    if (!gone && !isExpired) return;
    // Whoever had it, and may come back, cannot write any more.
    await persistRun(deps, record, { from: holder, to: own });
    if (isHandedOver(holder)) return begin(record);
    const { found } = await endProcesses(deps.host, `${record.id}:`, undefined);
    const reason = found === 0 ? { code: 'runbook_server_gone', params: {} } : { code: 'runbook_server_ended', params: { n: found } };
    const ended = interrupted(record, reason, clock.now());
    await persistRun(deps, ended, { from: own });
    log.warn({ run: record.id, runbook: record.runbook, step: ended.failed_step }, 'runbook run interrupted: its process exited');
    deps.changed(ended);
  }

  async function look(): Promise<void> {
    const ids = [...active.keys()];
    for (const [id, by] of ids.length === 0 ? [] : await renewRuns(database, own, ids)) if (by !== null) cancel(id, by);
    for (const held of await readHeldRuns(database)) {
      if (active.has(held.record.id) || held.holder === handedOver(own)) continue;
      await takeOver(held).catch((error: unknown) => log.warn({ err: error, run: held.record.id }, 'failed to take over a runbook run'));
    }
  }

  return {
    begin,
    cancel,
    valuesOf,
    async start() {
      // The server starts all the same; the next look is due in five seconds.
      await look().catch((error: unknown) => log.error({ err: error }, 'failed to read the runs of earlier processes'));
      timer = setInterval(() => {
        if (isStopped || looking !== undefined) return;
        looking = look()
          .catch((error: unknown) => log.debug({ reason: messageOf(error) }, 'failed to read runbook runs'))
          .finally(() => (looking = undefined));
      }, LOOK_MS).unref();
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      for (const { controller } of active.values()) controller.abort({ kind: 'stop' } satisfies EndCause);
      await Promise.all([looking, ...[...active.values()].map(({ ended }) => ended)]);
    },
  };
}
