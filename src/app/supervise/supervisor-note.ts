import { isAlive } from '../process-instance.ts';
import { join } from 'node:path';
import { readJsonFile, writeJsonFile } from '../json-file.ts';
import type { ProcessView } from './supervised-process.ts';

/** What a supervisor writes of its processes, for them and for the commands on this machine. */
export interface SupervisorNote {
  readonly pid: number;
  readonly processes: readonly ProcessView[];
}

/** A process that ends again and again, as reports have it. */
export type FailingProcess = Pick<ProcessView, 'name' | 'ends' | 'last_end'>;

const fileIn = (root: string): string => join(root, 'supervisor.json');

/** Writes the note into the data directory `root`, whole or not at all. Throws what the file system throws. */
export function writeSupervisorNote(root: string, note: SupervisorNote): void {
  writeJsonFile(fileIn(root), note);
}

/** The note of the supervisor that works on the data directory `root`; undefined when none lives. */
export function readSupervisorNote(root: string): SupervisorNote | undefined {
  const note = readJsonFile(fileIn(root)) as SupervisorNote | undefined;
  return note !== undefined && isAlive(note.pid) ? note : undefined;
}

/** The note of the supervisor that has started this process; undefined when nobody has. */
export function ownSupervisorNote(root: string): SupervisorNote | undefined {
  const note = readJsonFile(fileIn(root)) as SupervisorNote | undefined;
  return note?.pid === process.ppid ? note : undefined;
}

/** Processes beside this one that end again and again. */
export function failingProcesses(root: string): readonly FailingProcess[] {
  const failing = ownSupervisorNote(root)?.processes.filter((one) => one.failing) ?? [];
  return failing.map(({ name, ends, last_end }) => ({ name, ends, last_end }));
}
