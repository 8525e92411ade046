import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { SelfState } from '../../alert/self-alert.ts';
import type { Bus } from '../../bus/bus.ts';
import { secondsToMs } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { SharedTurn } from '../../redis/redis-turn.ts';
import { repeat } from '../../stage.ts';
import type { Database } from '../../store/database.ts';
import { within } from '../../within.ts';
import type { AppDeps } from '../app.ts';
import type { ProcessWatch } from '../process-watch.ts';
import type { ProcessRole } from '../roles.ts';
import { startSelfAlerts, type RunningSelfAlerts } from '../start-self-alerts.ts';
import { electOnLog, type Election } from './elect-on-log.ts';
import { representDirectory } from './one-of-directory.ts';

const LOOK_MS = 1000;
const ANSWER_MS = 2000;
/** Of `watchdog.still_s`: so long is looked whether others get on, of whom this process cannot hear; and so long a log is waited for that elects
 *  nobody. */
const WATCHED_TIMES = 2;
const ALONE_TIMES = 3;
/** So many looks in a row that do not say whose turn it is, and it is everybody's. */
const UNKNOWN_LOOKS = 3;
const FILE = 'self-alerts-unheard.json';

interface Unheard {
  readonly watch: ProcessWatch;
  /** Roles that must be there. */
  readonly roles: readonly ProcessRole[];
  readonly bus: Pick<Bus, 'subscribe' | 'ranges'>;
  /** Whether the log, and the database, has been open since this process started. */
  readonly hasLog: () => boolean;
  readonly hasDatabase: () => boolean;
  /** By which the processes of several machines agree who notifies; null where they cannot. */
  readonly turn: SharedTurn | null;
}

/** A process notifies of others by the role that it has, and has it by the database. While that is away, since the start of all processes or
 *  later, no process has a role and none hears of another: then one of each data directory does that could notify, at once where the log is
 *  away too, or else one of those, which the log elects, after a time in which nothing was judged. What was sent is kept in the data directory,
 *  and resolved by who sent it, or who acts for the directory next, once every role works again. Returns how to stop. */
export function guardUnheard(
  config: Config,
  { clock, log, root, database }: AppDeps & { readonly root: string; readonly database: Database },
  { watch, roles, bus, hasLog, hasDatabase, turn }: Unheard,
): () => Promise<void> {
  const stillMs = secondsToMs(config.watchdog.still_s);
  const silentMs = (): number => Math.min(watch.view('data').silentMs, watch.view('alert').silentMs);
  /** How far the log of judged minutes was, and when it was last seen to grow. */
  let extent: number | undefined;
  let grewAt = Number.NEGATIVE_INFINITY;
  let isAnswered = false;
  let isLogAnswering = false;
  let hasTurn = false;
  let unknownLooks = 0;
  let election: Election | undefined;
  const representative = representDirectory(root, { clock, log }, stillMs);
  let alerts: RunningSelfAlerts | undefined;

  async function look(): Promise<void> {
    await lookWhoIsHeard();
    await takeTurn();
  }

  /** The directories of several machines agree by a server that is neither of both, where there is one. */
  async function takeTurn(): Promise<void> {
    if (!wouldNotify(silentMs()) || !representative.isSelf()) {
      hasTurn = false;
      unknownLooks = 0;
      return;
    }
    try {
      hasTurn = turn === null || (await turn.take());
      unknownLooks = 0;
    } catch {
      unknownLooks += 1;
      if (unknownLooks >= UNKNOWN_LOOKS) hasTurn = true;
    }
  }

  async function lookWhoIsHeard(): Promise<void> {
    representative.look();
    if (representative.isSelf()) alerts ??= startSelfAlerts(config, { clock, log, root, file: FILE }, { detection_standstill: state });
    else endAlerts();
    if (silentMs() < stillMs) {
      extent = undefined;
      await withdraw();
      return;
    }
    isAnswered = hasDatabase() && (await answers(() => database.query('select 1')));
    if (!hasLog()) return;
    const ranges = await within(ANSWER_MS, bus.ranges(TOPICS.windows)).catch(() => []);
    const next = ranges.reduce((sum, range) => sum + range.next, 0);
    isLogAnswering = ranges.length > 0;
    if (extent !== undefined && next > extent) grewAt = clock.monotonic();
    if (isLogAnswering) extent = next;
    if (silentMs() >= stillMs * WATCHED_TIMES && representative.isSelf()) election ??= electOnLog(bus, log);
  }

  /** Who has notified goes on until that is resolved, also when another process acts for the directory by then. */
  function endAlerts(): void {
    if (alerts?.isFiring() !== false) return;
    alerts.end();
    alerts = undefined;
  }

  async function withdraw(): Promise<void> {
    const ended = election;
    election = undefined;
    await ended?.stop();
  }

  function isMine(silent: number): boolean {
    if (!hasLog()) return true;
    if (clock.monotonic() - grewAt < stillMs * ALONE_TIMES) return false;
    if (silent >= stillMs * WATCHED_TIMES && election?.isElected() === true) return true;
    const othersMayBe = isLogAnswering && election?.isStanding() === true;
    return silent >= stillMs * ALONE_TIMES && !othersMayBe;
  }

  function wouldNotify(silent: number): boolean {
    // The log alone is away: that is another guard's.
    return silent >= stillMs && !(isAnswered && !hasLog()) && isMine(silent);
  }

  function state(): SelfState {
    const silent = silentMs();
    if (roles.every((role) => watch.view(role).state === 'working')) return undefined;
    if (!wouldNotify(silent) || !hasTurn) return null;
    const seconds = Math.round(silent / 1000);
    if (isAnswered) return { code: 'self_role_missing', params: { role: 'data', seconds } };
    return { code: hasLog() && isLogAnswering ? 'self_store_away' : 'self_engines_away', params: { seconds } };
  }

  const looking = repeat(look, { everyMs: LOOK_MS, log, failure: 'failed to look whether other processes can be heard, retrying' });
  void looking.start();
  return async () => {
    await looking.stop();
    alerts?.end();
    await withdraw();
    representative.release();
    await turn?.close();
  };
}

const answers = (ask: () => Promise<unknown>): Promise<boolean> =>
  within(ANSWER_MS, ask()).then(
    () => true,
    () => false,
  );
