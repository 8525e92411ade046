import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { MetricsDump } from '../telemetry/metrics.ts';
import type { DataHealth } from './data-losses.ts';
import { newInstance } from './process-instance.ts';
import type { ProcessRole } from './roles.ts';
import { failingProcesses, type FailingProcess } from './supervise/supervisor-note.ts';
import type { Standstill } from './watchdog.ts';

/** How one process is doing, as it says itself. `at`: epoch milliseconds; `number`: how many it has written. */
export interface ProcessReport {
  readonly role: ProcessRole;
  readonly pid: number;
  readonly instance: string;
  readonly number: number;
  readonly at: number;
  /** `standby`: another process has the role; this one takes it when that one is gone. */
  readonly state: 'starting' | 'working' | 'standby';
  /** One entry for each part, by its name. */
  readonly checks: Readonly<Record<string, DataHealth>>;
  readonly standstill?: Standstill | undefined;
  /** Every receiver knows that detection is critically behind. */
  readonly isBehindNotified: boolean;
  /** Since when it holds accepted records that are not on the log yet, epoch milliseconds. */
  readonly heldSince?: number | null;
  readonly metrics: MetricsDump;
  /** Processes beside it, under the same supervisor, that end again and again. */
  readonly failing?: readonly FailingProcess[];
}

/** What a process says of itself beyond who it is. */
export type ProcessState = Pick<ProcessReport, 'state' | 'checks' | 'standstill' | 'isBehindNotified' | 'heldSince' | 'metrics'>;

const EVERY_MS = 1000;
/** A report that is so old is of no use to anybody. */
const FORGOTTEN_MS = 3_600_000;

const directoryIn = (root: string): string => join(root, 'processes');

/** Writes how this process is doing into the data directory `root`, every second, for `readReports` in any other. The reports of
 *  processes that went long ago are removed. Returns how to stop, which takes the report away. */
export function startReports(
  { root, role, clock, log }: { readonly root: string; readonly role: ProcessRole; readonly clock: Clock; readonly log: Logger },
  ask: () => Promise<ProcessState>,
): () => void {
  const directory = directoryIn(root);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const instance = newInstance();
  // Processes of several containers on one volume may have the same pid.
  const path = join(directory, `${role}-${process.pid}-${instance.slice(-8)}.json`);
  let number = 0;
  let isAsking = false;
  let isStopped = false;

  const write = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    try {
      const state = await ask();
      if (isStopped) return;
      const report: ProcessReport = {
        role,
        pid: process.pid,
        instance,
        number: ++number,
        at: clock.now(),
        ...state,
        failing: failingProcesses(root),
      };
      // Not flushed: after a power cut nobody reports.
      writeFileSync(`${path}.new`, JSON.stringify(report), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    } catch (error) {
      log.warn({ reason: messageOf(error), path }, 'failed to write the process report: other roles consider this process absent');
    } finally {
      isAsking = false;
    }
  };
  forgetOld(directory, clock.now());
  void write();
  const timer = setInterval(() => void write(), EVERY_MS).unref();
  return () => {
    isStopped = true;
    clearInterval(timer);
    rmSync(path, { force: true });
  };
}

/** Reads the reports in `root` that changed since the last call; the others are handed over as they were. */
export function createReportReader(root: string): () => readonly ProcessReport[] {
  const directory = directoryIn(root);
  let known = new Map<string, { readonly stamp: string; readonly report: ProcessReport }>();
  return () => {
    const found = new Map<string, { readonly stamp: string; readonly report: ProcessReport }>();
    for (const name of listReports(directory)) {
      try {
        const { mtimeMs, ino } = statSync(join(directory, name));
        const stamp = `${ino} ${mtimeMs}`;
        const before = known.get(name);
        const report = before?.stamp === stamp ? before.report : (JSON.parse(readFileSync(join(directory, name), 'utf8')) as ProcessReport);
        found.set(name, { stamp, report });
      } catch {
        // It was taken away meanwhile.
      }
    }
    known = found;
    return [...found.values()].map(({ report }) => report);
  };
}

function listReports(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}

function forgetOld(directory: string, now: number): void {
  for (const name of listReports(directory)) {
    const path = join(directory, name);
    try {
      if (now - statSync(path).mtimeMs > FORGOTTEN_MS) rmSync(path, { force: true });
    } catch {
      // Another process was quicker.
    }
  }
}
