import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { repeat } from '../../stage.ts';
import type { Database } from '../../store/database.ts';
import { readStoredReports, removeReports, writeReports } from '../../store/verbs/process/process-reports.ts';
import { newInstance } from '../process-instance.ts';
import type { ProcessReport, ProcessState } from '../process-report.ts';
import { watchReports, type ProcessWatch } from '../process-watch.ts';
import type { ProcessRole } from '../roles.ts';
import type { FailingProcess } from '../supervise/supervisor-note.ts';

const EVERY_MS = 1000;
/** A report that is so old is of no use to anybody. */
const FORGOTTEN_MS = 3_600_000;

/** What a process says of one of its roles. Metrics stay out: each process has its own `/metrics`. */
export type StoredRoleState = Omit<ProcessState, 'metrics'> & { readonly role: ProcessRole };

interface Deps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  /** False before the database is there for the first time. */
  readonly isOpen: () => boolean;
}

/** Writes how this process is doing into the database, every second, for `watchStoredReports` anywhere. Returns how to stop, which takes
 *  the reports away. */
export function startStoredReports(
  { database, clock, log, isOpen, failing }: Deps & { readonly failing: () => readonly FailingProcess[] },
  ask: () => readonly StoredRoleState[],
): () => Promise<void> {
  const instance = newInstance();
  let number = 0;
  const write = async (): Promise<void> => {
    if (!isOpen()) return;
    const at = clock.now();
    number += 1;
    const reports = ask().map((state): ProcessReport => ({
      pid: process.pid,
      instance,
      number,
      at,
      ...state,
      metrics: [],
      failing: failing(),
    }));
    await writeReports(
      database,
      reports.map((report) => ({ instance, role: report.role, number, at, report })),
    );
  };
  const forget = (): Promise<void> => removeReports(database, instance, clock.now() - FORGOTTEN_MS);
  const loop = repeat(write, { everyMs: EVERY_MS, log, failure: 'failed to write the process report, retrying' });
  void loop.start();
  return async () => {
    await loop.stop();
    await forget().catch(() => undefined);
  };
}

/** Watches the processes of an installation by what they have written into the database. One that this process cannot reach looks as if
 *  all of them were away. */
export function watchStoredReports({ database, clock, log, isOpen }: Deps): { readonly watch: ProcessWatch; stop(): Promise<void> } {
  let latest: readonly ProcessReport[] = [];
  const look = async (): Promise<void> => {
    if (isOpen()) latest = (await readStoredReports(database)).map(({ report }) => report as ProcessReport);
  };
  const loop = repeat(look, { everyMs: EVERY_MS, log, failure: 'failed to read the process reports, retrying' });
  void loop.start();
  return { watch: watchReports(() => latest, clock), stop: loop.stop };
}
