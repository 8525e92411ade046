import { secondsToMs } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import { repeat } from '../../stage.ts';
import type { Database } from '../../store/database.ts';
import type { AppDeps } from '../app.ts';
import type { ProcessWatch } from '../process-watch.ts';
import { SPLIT_ROLES, type ProcessRole } from '../roles.ts';
import { absenceOf, failingIn, failingState, splitSelfState, splitStandstill } from '../split-health.ts';
import type { startSelfAlerts } from '../start-self-alerts.ts';
import { startStoredSelfAlerts } from './stored-self-alerts.ts';

const LOOK_MS = 1000;

interface Watching {
  readonly watch: ProcessWatch;
  /** Whether this process does the work of a role now. */
  readonly has: (role: ProcessRole) => boolean;
  readonly own: readonly ProcessRole[];
}

/** Who has the role `data` notifies the receivers when another role is absent or stands still, or a process ends again and again; who has
 *  `alert` does when `data` is absent. A standby says nothing, and ends nothing that was said: whoever takes the role does. */
export function watchOthers(
  config: Config,
  deps: AppDeps & { readonly root: string; readonly database: Database },
  { watch, has, own }: Watching,
): () => Promise<void> {
  const { clock, log } = deps;
  const stillMs = secondsToMs(config.watchdog.still_s);
  const others = SPLIT_ROLES.filter((one) => one !== 'api' && one !== 'data');
  // What was not heard of before this process had the role proves nothing: others were starting too, or nobody could be heard.
  const since = new Map<ProcessRole, number>();
  const isProven = (one: ProcessRole): boolean => {
    if (!has(one)) return since.delete(one) && false;
    since.set(one, since.get(one) ?? clock.monotonic());
    return clock.monotonic() - (since.get(one) ?? 0) > stillMs;
  };
  const asks: Readonly<Partial<Record<ProcessRole, Parameters<typeof startSelfAlerts>[2]>>> = {
    data: {
      detection_standstill: () => (isProven('data') ? splitSelfState(watch, splitStandstill(watch, others, stillMs), true) : null),
      process_failing: () => (has('data') ? failingState(failingIn(watch, SPLIT_ROLES), isProven('data')) : null),
    },
    alert: { detection_standstill: () => (isProven('alert') && !has('data') ? absenceOf(watch, 'data', stillMs) : null) },
  };
  const ends: (() => Promise<void>)[] = [];
  const begin = async (role: ProcessRole): Promise<void> => {
    const ask = asks[role];
    if (ask === undefined || !own.includes(role) || !has(role) || begun.has(role)) return;
    ends.push(await startStoredSelfAlerts(config, deps, role, ask));
    begun.add(role);
  };
  const begun = new Set<ProcessRole>();
  const looking = repeat(async () => Promise.all([begin('data'), begin('alert')]).then(() => undefined), {
    ...{ everyMs: LOOK_MS, log, failure: 'failed to read which self-alerts fire, retrying' },
  });
  void looking.start();
  return async () => {
    await looking.stop();
    for (const end of ends) await end();
  };
}
