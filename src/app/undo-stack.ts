import type { Logger } from 'pino';
import { GuardianError } from '../errors.ts';

/** Named steps that undo a start, run last-in-first-out: the same path for a stop and for a start that failed half-way. */
export interface UndoStack {
  push(name: string, undo: () => Promise<void> | void): void;
  /** Runs every step, whatever the ones before did, within one deadline. Throws the first failure, or
   *  APP_STOP_DEADLINE naming the step that was still running. Runs once; later calls wait for the same end. */
  unwind(deadlineMs: number): Promise<void>;
}

/** Makes an empty stack. */
export function createUndoStack(log: Logger): UndoStack {
  const steps: { name: string; undo: () => Promise<void> | void }[] = [];
  let ending: Promise<void> | undefined;

  const unwind = async (deadlineMs: number): Promise<void> => {
    const deadline = Promise.withResolvers<'deadline'>();
    const timer = setTimeout(() => deadline.resolve('deadline'), deadlineMs);
    let first: unknown;
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      try {
        const end = await Promise.race([Promise.resolve(step.undo()), deadline.promise]);
        if (end === 'deadline') {
          first ??= new GuardianError('APP_STOP_DEADLINE', `Stopping took longer than ${deadlineMs} ms; still busy: ${step.name}.`);
          log.error({ step: step.name }, 'shutdown deadline exceeded');
        }
      } catch (error) {
        first ??= error;
        log.error({ err: error, step: step.name }, 'shutdown step failed');
      }
    }
    clearTimeout(timer);
    if (first !== undefined) throw first;
  };

  return {
    push: (name, undo) => void steps.push({ name, undo }),
    unwind: (deadlineMs) => (ending ??= unwind(deadlineMs)),
  };
}
