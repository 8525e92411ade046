import { secondsToMs } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import { repeat } from '../../stage.ts';
import type { Database } from '../../store/database.ts';
import type { AppDeps } from '../app.ts';
import type { RoleLock, RoleLockOptions } from '../engines.ts';
import type { ProcessWatch } from '../process-watch.ts';
import type { SelfState } from '../../alert/self-alert.ts';
import { startStoredSelfAlerts } from './stored-self-alerts.ts';

const LOOK_MS = 1000;

interface Waiting {
  readonly watch: ProcessWatch;
  /** The database is there, and the log has not been since this process started. */
  readonly isWaiting: () => boolean;
  readonly take: (options: Pick<RoleLockOptions, 'role' | 'signal' | 'onLost'>) => Promise<RoleLock | null>;
}

/** What one process does while it is the one that notifies. */
interface Guard {
  readonly lock: RoleLock;
  readonly end: () => Promise<void>;
}

/** A process that was started while the log is away has no role yet, so that after a restart of all of them nobody would notify the receivers
 *  of the outage. One of those that wait does, where no process has the role `data` or `alert`; it remembers what it has sent as `data` does,
 *  which resolves it once it works. Returns how to stop. */
export function guardWaiting(
  config: Config,
  deps: AppDeps & { readonly root: string; readonly database: Database },
  { watch, isWaiting, take }: Waiting,
): () => Promise<void> {
  const { clock, log } = deps;
  const stillMs = secondsToMs(config.watchdog.still_s);
  let guard: Guard | undefined;
  let since = Number.POSITIVE_INFINITY;
  let waiting = new AbortController();

  const state = (): SelfState => {
    const isOnesWork = watch.view('data').state === 'working' || watch.view('alert').state === 'working';
    const waitedMs = clock.monotonic() - since;
    if (isOnesWork || !isWaiting() || waitedMs < stillMs) return null;
    return { code: 'self_log_away', params: { seconds: Math.round(waitedMs / 1000) } };
  };
  const begin = async (): Promise<void> => {
    const lock = await take({ role: 'guard', signal: waiting.signal, onLost: () => void endGuard() });
    if (lock === null) return;
    const end = await startStoredSelfAlerts(config, deps, 'data', { detection_standstill: state }).catch(async (error: unknown) => {
      await lock.release();
      throw error;
    });
    guard = { lock, end };
  };
  const endGuard = async (): Promise<void> => {
    const ended = guard;
    guard = undefined;
    await ended?.end();
    await ended?.lock.release();
  };
  let beginning: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    if (!isWaiting()) {
      since = Number.POSITIVE_INFINITY;
      waiting.abort();
      await beginning?.catch(() => undefined);
      return endGuard();
    }
    since = Math.min(since, clock.monotonic());
    if (guard !== undefined || beginning !== undefined || clock.monotonic() - since < stillMs) return;
    waiting = new AbortController();
    // Whoever has it keeps it for as long as it waits.
    beginning = begin()
      .catch((error: unknown) => log.warn({ err: error }, 'failed to stand guard while the log is away, retrying'))
      .finally(() => (beginning = undefined));
  };
  const looking = repeat(look, { everyMs: LOOK_MS, log, failure: 'failed to look whether the log is away, retrying' });
  void looking.start();
  return async () => {
    await looking.stop();
    waiting.abort();
    await beginning?.catch(() => undefined);
    await endGuard();
  };
}
