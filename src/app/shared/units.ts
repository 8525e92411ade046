import type { Logger } from 'pino';
import type { Bus } from '../../bus/bus.ts';
import type { Stage } from '../../stage.ts';
import type { Database } from '../../store/database.ts';
import { OUTBOX_CHANNEL } from '../../store/verbs/outbox/notify-outbox.ts';
import type { RoleLock, RoleLockOptions } from '../engines.ts';
import { leaseBus } from '../leased-bus.ts';
import { listStages, type PipelineStages } from '../pipeline-stages.ts';
import { ROLE_SPECS, type ProcessRole, type StageName } from '../roles.ts';
import type { UndoStack } from '../undo-stack.ts';

/** Roles of which one process at a time does the work. Of the others each process does its share. */
export const SINGLE_ROLES = ['data', 'alert', 'detect'] as const satisfies readonly ProcessRole[];

export type UnitState = 'starting' | 'standby' | 'working';

/** The stages of a process, by the role that they belong to. */
export interface Units {
  /** Those that run now. */
  running(): readonly PipelineStages[];
  states(): Readonly<Partial<Record<ProcessRole, UnitState>>>;
}

export interface UnitsDeps {
  /** Stages that this process may run. */
  readonly wanted: readonly StageName[];
  readonly make: (stages: readonly StageName[], bus: Bus) => PipelineStages;
  readonly bus: Bus;
  readonly database: Database;
  readonly log: Logger;
  readonly undo: UndoStack;
  /** Takes the lock of a role, when it is free. */
  readonly take: (options: Pick<RoleLockOptions, 'role' | 'signal' | 'onLost' | 'onNotified'>) => Promise<RoleLock | null>;
  /** Ends all work of this thread at once: it no longer has the right to it. */
  readonly die: () => void;
}

/** Starts what every process does, and the stages of each single role as soon as this process has its lock. */
export async function startUnits(deps: UnitsDeps): Promise<Units> {
  const { wanted, undo, log, die } = deps;
  const states = new Map<ProcessRole, UnitState>();
  const running: PipelineStages[] = [];
  const ending = new AbortController();
  undo.push('waiting for roles', () => ending.abort());

  const run = async (role: ProcessRole, stages: PipelineStages): Promise<void> => {
    running.push(stages);
    for (const stage of listStages(stages)) {
      undo.push(stage.name, () => stage.stop());
      await stage.start();
    }
    states.set(role, 'working');
  };
  const runSingle = async (role: ProcessRole, names: readonly StageName[]): Promise<void> => {
    states.set(role, 'standby');
    const made: { relay?: Stage & { wake(): void } } = {};
    const onNotified = { channel: OUTBOX_CHANNEL, call: () => made.relay?.wake() };
    const lock = await deps.take({
      ...{ role, signal: ending.signal, onLost: die },
      ...(names.includes('relay') ? { onNotified } : {}),
    });
    if (lock === null) return;
    if (ending.signal.aborted) return lock.release();
    undo.push(`lock of ${role}`, () => lock.release());
    states.set(role, 'starting');
    const stages = deps.make(names, leaseBus(deps.bus, deps.database, lock.isHeld));
    if (stages.relay !== undefined) made.relay = stages.relay;
    await run(role, stages);
  };

  for (const role of SINGLE_ROLES) {
    const names = ROLE_SPECS[role].stages.filter((name) => wanted.includes(name));
    if (names.length === 0) continue;
    runSingle(role, names).catch((error: unknown) => {
      log.error({ err: error, role }, 'failed to start the stages of a role');
      die();
    });
  }
  const shared = ROLE_SPECS.window.stages.filter((name) => wanted.includes(name));
  if (shared.length > 0) await run('window', deps.make(shared, deps.bus));
  return { running: () => running, states: () => Object.fromEntries(states) };
}
