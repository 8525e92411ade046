import type { Transaction } from '@transaction-guardian/contracts/transaction.ts';
import { MINUTE_MS, type Clock } from '../clock.ts';
import { createCompany, type Company } from './company.ts';
import { createIncident, type SimulatedIncident, type IncidentType } from './incidents.ts';
import { simulate, type SimulatedMinute } from './simulate.ts';

const HOUR_MS = 3_600_000;

/** What a demonstration needs from the world. */
export interface DemoDeps {
  readonly clock: Clock;
  /** Takes rows; resolves when they are accepted. What is too fast is slowed down by it. */
  send(rows: readonly Transaction[], options: { readonly backfill: boolean }): Promise<void>;
  /** Waits; resolves early when `signal` is aborted. */
  sleep(ms: number): Promise<void>;
  readonly signal: AbortSignal;
  /** How many minutes of history are in, of how many. */
  onHistory?(done: number, total: number): void;
  /** History or traffic is out up to this event time, epoch milliseconds. */
  onMinute?(endMs: number): void;
  /** Event time has caught up with the clock: from now on it goes at its pace. */
  onLive?(): void;
  /** An incident begins. */
  onIncident?(incident: SimulatedIncident): void;
}

export interface DemoOptions {
  readonly seed: string;
  readonly timeZone: string;
  /** Event minutes in a minute, until event time has caught up with the clock (default 60). */
  readonly speed?: number;
  /** History before the first simulated minute (default 24). */
  readonly historyHours?: number;
  /** Event time this close to the clock is live to the product, milliseconds (default 600 000): there the clock closes minutes,
   *  so the rest of the way is sent in one piece, as history. */
  readonly liveWithinMs?: number;
  /** Merchants of the company (default 12). */
  readonly merchants?: number;
}

export interface Demo {
  /** Sends the history, as fast as it is taken. */
  fillHistory(): Promise<void>;
  /** Sends traffic until the signal: `speed` times the clock first, at the clock's pace once event time has caught up.
   *  No event is ever ahead of the clock. */
  run(): Promise<void>;
}

/** Local hour at which the traffic starts: the busy part of a day comes first. */
const FIRST_HOUR = 9;
/** Event time starts at least this far back, so that there is something to play faster than the clock. */
const LEAST_HEAD_START_MS = 6 * HOUR_MS;
const HISTORY_ROWS = 4000;
const LEAP_MARGIN_MS = 2 * MINUTE_MS;

/** What happens, in turn; the first two come soon after the start. */
const FAST_TYPES: readonly IncidentType[] = [
  'denial_burst',
  'total_outage',
  'promotion',
  'acquirer_down',
  'reversal_storm',
  'merchant_down',
  'slow_decay',
];
const LIVE_TYPES: readonly IncidentType[] = ['denial_burst', 'acquirer_down', 'merchant_down', 'reversal_storm', 'total_outage'];
const FIRST_AT_MINUTES = 15;
const SECOND_AFTER_MINUTES = 20;
const FAST_GAP_MINUTES = 80;
const LIVE_GAP_MINUTES = 15;
const SHORT_MINUTES: Partial<Record<IncidentType, number>> = { denial_burst: 12, total_outage: 8 };

/** Makes a company whose traffic plays for ever, with history behind it and something going wrong now and then. */
export function createDemo(deps: DemoDeps, options: DemoOptions): Demo {
  const { clock, signal } = deps;
  const speed = options.speed ?? 60;
  const leapMs = (options.liveWithinMs ?? 600_000) + LEAP_MARGIN_MS;
  const historyMinutes = Math.round((options.historyHours ?? 24) * 60);
  const company = createCompany({ seed: options.seed, merchants: options.merchants ?? 12 });
  const start = lastLocalHour(clock.now() - LEAST_HEAD_START_MS, FIRST_HOUR, options.timeZone);
  const schedule = createSchedule(company, { seed: options.seed, start, speed }, deps);
  const traffic = simulate({
    seed: options.seed,
    start: start - historyMinutes * MINUTE_MS,
    minutes: Number.POSITIVE_INFINITY,
    timeZone: options.timeZone,
    form: 'minutes',
    company,
    incidents: (minute) => schedule.at(minute),
  });
  const nextMinute = (): SimulatedMinute => traffic.next().value as SimulatedMinute;

  return {
    async fillHistory() {
      let rows: Transaction[] = [];
      for (let done = 1; done <= historyMinutes && !signal.aborted; done++) {
        const { minute, transactions } = nextMinute();
        rows.push(...transactions);
        if (rows.length < HISTORY_ROWS && done < historyMinutes) continue;
        await deps.send(rows, { backfill: true });
        deps.onMinute?.(minute + MINUTE_MS);
        deps.onHistory?.(done, historyMinutes);
        rows = [];
      }
    },
    async run() {
      let due = clock.monotonic();
      let rows: Transaction[] = [];
      let isLive = false;
      while (!signal.aborted) {
        const { minute, transactions } = nextMinute();
        rows.push(...transactions);
        const sinceEnd = clock.now() - minute - MINUTE_MS;
        if (sinceEnd >= MINUTE_MS && sinceEnd <= leapMs) continue;
        due = Math.max(due + MINUTE_MS / speed, clock.monotonic() - MINUTE_MS / speed);
        const behind = minute + MINUTE_MS - clock.now();
        const wait = Math.max(due - clock.monotonic(), behind);
        if (wait > 0) await deps.sleep(wait);
        if (signal.aborted) return;
        // The arrival of a live record would close the minutes whose rows come behind it.
        await deps.send(rows, { backfill: rows.length > transactions.length });
        rows = [];
        deps.onMinute?.(minute + MINUTE_MS);
        if (!isLive && clock.now() - minute <= 2 * MINUTE_MS) {
          isLive = true;
          deps.onLive?.();
        }
      }
    },
  };
}

/** The last full hour `hour` of local time at or before `timeMs`. */
function lastLocalHour(timeMs: number, hour: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' });
  const latest = Math.floor(timeMs / HOUR_MS) * HOUR_MS;
  for (let back = 0; back < 25; back++) {
    const at = latest - back * HOUR_MS;
    if (Number(format.format(at)) === hour) return at;
  }
  return latest;
}

/** Says what runs at a minute; minutes are asked for in order. */
function createSchedule(
  company: Company,
  { seed, start, speed }: { readonly seed: string; readonly start: number; readonly speed: number },
  { clock, onIncident }: Pick<DemoDeps, 'clock' | 'onIncident'>,
): { at(minute: number): readonly SimulatedIncident[] } {
  let count = 0;
  let current: SimulatedIncident | undefined;
  let nextAt = start + FIRST_AT_MINUTES * MINUTE_MS;
  const isLive = (minute: number): boolean => minute > clock.now() - 2 * speed * MINUTE_MS;
  return {
    at(minute) {
      if (current !== undefined && minute >= current.end) current = undefined;
      if (current === undefined && minute >= nextAt) {
        const types = isLive(minute) ? LIVE_TYPES : FAST_TYPES;
        const type = types[count % types.length] ?? 'denial_burst';
        const minutes = SHORT_MINUTES[type];
        current = createIncident(company, type, {
          id: `demo-${++count}`,
          start: minute,
          seed,
          ...(minutes === undefined ? {} : { minutes }),
        });
        const gap = count === 1 ? SECOND_AFTER_MINUTES : isLive(minute) ? LIVE_GAP_MINUTES : FAST_GAP_MINUTES;
        nextAt = current.end + gap * MINUTE_MS;
        onIncident?.(current);
      }
      return current === undefined ? [] : [current];
    },
  };
}
