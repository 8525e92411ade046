import type { Health } from '@transaction-guardian/contracts/stats.ts';
import type { PartName } from '@transaction-guardian/contracts/text/part-text.ts';
import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import { addressBelow, askChannel } from '../alert/notify/request.ts';
import type { Clock } from '../clock.ts';
import { repeat } from '../stage.ts';

/** Where the dead-man switch outside is, in the manner of healthchecks. */
export interface HeartbeatOptions {
  readonly url: string;
  readonly everyMs: number;
  readonly method: 'GET' | 'POST';
  /** Whether it takes `/start` and `/fail` below the address. */
  readonly signalsStart: boolean;
  readonly signalsFail: boolean;
}

export interface HeartbeatDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly health: () => Promise<Health>;
  /** Waits between tries of one beat (default 1 s). */
  readonly retryMs?: number;
}

/** What must be well for a beat: what accepts, what counts and judges, and what notifies. */
const PARTS: readonly PartName[] = [
  'log',
  'intake',
  'store',
  'window',
  'detect',
  'detection',
  'detector_lag',
  'alert',
  'outbox-relay',
  'proof',
  'pipeline',
];
const TRIES = 3;

/** Sends a beat every `everyMs`, but only while ingestion, detection and delivery all make progress: the silence of a program that
 *  does not is what the other side acts upon. Resolves with how to stop. */
export async function startHeartbeat(deps: HeartbeatDeps, options: HeartbeatOptions): Promise<() => Promise<void>> {
  const { clock, log, health } = deps;
  const sent = new Counter({
    name: 'guardian_heartbeat_total',
    help: 'Heartbeats to the dead-man switch outside, by outcome; withheld: the program makes no progress.',
    labelNames: ['outcome'],
    registers: [deps.metrics],
  });
  const beating = repeat(beat, { everyMs: options.everyMs, log, failure: 'failed to find out whether to send a heartbeat' });
  let hasStarted = false;

  async function ask(path: string, reason: string): Promise<string | null> {
    let error = '';
    for (let attempt = 1; attempt <= TRIES && !beating.signal.aborted; attempt += 1) {
      const request = {
        url: path === '' ? options.url : addressBelow(options.url, path),
        method: options.method,
        ...(options.method === 'POST' ? { body: { reason } } : {}),
      };
      const answer = await askChannel(clock, request, beating.signal);
      if (answer.ok) return null;
      error = answer.failure.error;
      if (attempt < TRIES) await beating.pause(deps.retryMs ?? 1000);
    }
    return error;
  }

  async function send(path: string, reason: string, outcome: 'sent' | 'fail_sent' | 'start_sent'): Promise<void> {
    const error = await ask(path, reason);
    sent.inc({ outcome: error === null ? outcome : 'not_delivered' });
    if (error !== null && !beating.signal.aborted) log.warn({ reason: error }, 'heartbeat not delivered, the next one follows');
  }

  async function beat(): Promise<void> {
    if (!hasStarted && options.signalsStart) await send('/start', 'starting', 'start_sent');
    hasStarted = true;
    const reason = standstillReason(await health());
    if (reason === null) return send('', 'ok', 'sent');
    sent.inc({ outcome: 'withheld' });
    log.warn({ reason }, 'heartbeat withheld');
    if (options.signalsFail) await send('/fail', reason, 'fail_sent');
  }

  await beating.start();
  return beating.stop;
}

/** Why no beat may be sent; null when all makes progress. A receiver that fails while another one works is no standstill. Pure. */
export function standstillReason({ status, checks }: Pick<Health, 'status' | 'checks'>): string | null {
  const receivers = Object.entries(checks).filter(([name]) => name.startsWith('receiver:'));
  if (receivers.length > 0 && receivers.every(([, check]) => check.status !== 'ok')) return 'delivery: every receiver fails';
  const isWorking = receivers.length === 0 || receivers.some(([, check]) => check.status === 'ok');
  for (const name of PARTS) {
    const check = checks[name];
    // The alert stage is degraded by any receiver that fails.
    if (check === undefined || check.status === 'ok' || (name === 'alert' && check.status === 'degraded' && isWorking)) continue;
    return `${name}: ${check.detail ?? check.status}`;
  }
  return status === 'unhealthy' || status === 'starting' ? status : null;
}
