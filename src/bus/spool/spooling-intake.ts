import type { HealthFact } from '@transaction-guardian/contracts/health-reason.ts';
import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { failureReason, GuardianError, isGuardianError, messageOf } from '../../errors.ts';
import { keepTrying } from '../../retry.ts';
import type { StageHealth } from '../../stage.ts';
import { createWakeSignal } from '../../wake-signal.ts';
import { within } from '../../within.ts';
import type { Intake, OutRecord } from '../bus.ts';
import type { SpooledRecord } from './frame.ts';
import type { Spool } from './spool.ts';

export interface SpoolingOptions {
  readonly intake: Intake;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long the log may take before records are spooled (default 3 000 ms); they may then be on it twice. */
  readonly patienceMs?: number;
  /** About the first wait after a failed attempt to drain, and the longest (default 500 and 5 000 ms). */
  readonly retryMs?: number;
  readonly maxRetryMs?: number;
}

/** A log that may be away, with a spool before it. */
export interface SpoolingIntake extends Intake {
  /** Begins to drain what an earlier run has left. */
  start(): void;
  /** Degraded while something is spooled, down when no more can be. */
  health(): StageHealth;
  /** Drains for at most `drainMs`, and closes the spool; what remains is drained by the next start. */
  stop(drainMs: number): Promise<void>;
}

const PATIENCE_MS = 3000;
const RETRY_MS = 500;
const MAX_RETRY_MS = 5000;
/** Records of one publish while draining. */
const CHUNK_RECORDS = 2000;
/** With so little left, new records wait for the spool to be empty instead of following it for ever. */
const GAP_BYTES = 1_048_576;
const ROOM_BYTES = 4096;

// States. `direct`: records go to the log, and to the spool when it does not take them. `spooling`: the spool holds something, and what
// comes goes behind it, so that the records of one key keep their order; the spool is drained meanwhile. `switching`: nearly all is
// drained; what comes waits for the rest. A switch that fails or takes too long goes back to `spooling`.
type State = 'direct' | 'spooling' | 'switching';

/** Puts a spool before a log. Records of one key of which the first was answered before the second came keep their order. */
export function createSpoolingIntake(options: SpoolingOptions): SpoolingIntake {
  const { intake, spool, clock, log, patienceMs = PATIENCE_MS } = options;
  const isOn = spool.state().maxBytes > 0;
  const stopping = new AbortController();
  const wake = createWakeSignal(stopping.signal);
  const aborted = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve(), { once: true }));
  let state: State = spool.isEmpty() ? 'direct' : 'spooling';
  let switched = Promise.withResolvers<void>();
  let reason: HealthFact = { code: 'part_left_over', params: {} };
  let draining: Promise<void> | undefined;

  function beginSpooling(error: unknown): void {
    reason = failureReason(error);
    if (state !== 'direct') return;
    state = 'spooling';
    log.warn({ reason: messageOf(error) }, 'the log does not take records: accepted records are spooled to disk');
    wake.notify();
  }

  /** A log that takes the rest slowly must not hold up who sends: after the patience what comes goes behind the rest again. */
  async function untilSwitched(): Promise<void> {
    const deadline = clock.monotonic() + patienceMs;
    while (state === 'switching') {
      const left = deadline - clock.monotonic();
      if (left > 0) await within(left, switched.promise).catch(() => undefined);
      else endSwitch('spooling');
    }
  }

  function endSwitch(next: State): void {
    state = next;
    switched.resolve();
    switched = Promise.withResolvers<void>();
  }

  async function publish(topic: Topic, records: readonly OutRecord[]): Promise<void> {
    if (records.length === 0) return;
    // A spool that is switched off holds nothing back, also while it is drained of what it had.
    if (!isOn) return void (await intake.publish(topic, records));
    await untilSwitched();
    if (state === 'spooling') return spool.append(topic, records);
    try {
      await within(patienceMs, intake.publish(topic, records), notConfirmed);
    } catch (error) {
      if (!isAway(error)) throw error;
      beginSpooling(error);
      await spool.append(topic, records);
    }
  }

  /** Returns when the spool is empty and the log is written to directly again. */
  async function drain(gotOn: () => void): Promise<void> {
    try {
      while (!stopping.signal.aborted) {
        const file = await spool.oldest();
        // Nothing runs between this look and the new state: what comes after it goes to the log.
        if (spool.isEmpty()) {
          log.info('the log takes records again: the spool is drained');
          endSwitch('direct');
          return;
        }
        if (file === null) continue;
        if (!(await publishFile(file.records))) return;
        await file.remove();
        gotOn();
        if (state === 'spooling' && spool.state().bytes < GAP_BYTES) state = 'switching';
      }
    } catch (error) {
      reason = failureReason(error);
      throw error;
    } finally {
      if (state === 'switching') endSwitch('spooling');
    }
  }

  /** False when the stop came first. */
  async function publishFile(records: readonly SpooledRecord[]): Promise<boolean> {
    for (let at = 0; at < records.length;) {
      const chunk = records.slice(at, at + CHUNK_RECORDS);
      const topic = chunk[0]?.topic as Topic;
      const other = chunk.findIndex((record) => record.topic !== topic);
      const same = other < 0 ? chunk : chunk.slice(0, other);
      const published = Promise.race([intake.publish(topic, same), aborted]);
      await (state === 'switching' ? within(patienceMs, published, notConfirmed) : published);
      if (stopping.signal.aborted) return false;
      at += same.length;
    }
    return true;
  }

  async function run(): Promise<void> {
    const { retryMs = RETRY_MS, maxRetryMs = MAX_RETRY_MS } = options;
    const onFailure = (error: unknown): void => log.debug({ reason: messageOf(error) }, 'the spool cannot be drained yet, retrying');
    while (!stopping.signal.aborted) {
      if (state === 'direct') await wake.wait(IDLE_MS);
      else await keepTrying(drain, { signal: stopping.signal, retryMs, maxRetryMs, onFailure });
    }
  }

  function health(): StageHealth {
    const { bytes, records, maxBytes, oldestAt } = spool.state();
    if (state === 'direct') return { status: 'ok' };
    const seconds = Math.max(0, Math.round((clock.now() - (oldestAt ?? clock.now())) / 1000));
    return {
      // A record that is a little larger than most would be refused.
      status: bytes + ROOM_BYTES > maxBytes ? 'down' : 'degraded',
      reasons: [{ code: 'part_spooled', params: { records, bytes, most: maxBytes, seconds }, cause: reason }],
    };
  }

  async function stop(drainMs: number): Promise<void> {
    const deadline = clock.monotonic() + drainMs;
    while (state !== 'direct' && clock.monotonic() < deadline) await new Promise((resolve) => setTimeout(resolve, STOP_LOOK_MS));
    stopping.abort();
    await draining;
    await spool.close();
    const { records, bytes } = spool.state();
    if (records > 0) log.warn({ records, bytes }, 'accepted records stay in the spool: the next start on this data directory drains them');
  }

  return {
    publish,
    start: () => void (draining ??= run()),
    health,
    stop,
  };
}

const IDLE_MS = 60_000;
const STOP_LOOK_MS = 50;

/** The log does not take records now; not: it never takes such a record. */
const isAway = (error: unknown): boolean =>
  isGuardianError(error) && error.retryable && (error.code === 'BUS_UNAVAILABLE' || error.code === 'BUS_FULL');

const notConfirmed = (ms: number): Error =>
  new GuardianError('BUS_UNAVAILABLE', `The log did not confirm records within ${ms} ms.`, { retryable: true });
