import { BrokenCircuitError, circuitBreaker, CircuitState, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import { messageOf } from './errors.ts';

/** A server or service that this process depends on, as metrics and logs name it. */
export type Dependency = 'kafka-consumer' | 'kafka-producer' | 'postgres' | 'redis';

export interface BreakerOptions {
  readonly dependency: Dependency;
  readonly log: Logger;
  /** Without a registry nothing is measured. */
  readonly metrics?: Registry | undefined;
  /** How long the dependency is left alone after five failures in a row (default 2 000 ms); then one call tries it. */
  readonly pauseMs?: number | undefined;
  /** Whether an error says that the dependency is away (default: any does). */
  readonly isFailure?: (error: unknown) => boolean;
}

/** The circuit breaker of a remote dependency. */
export interface Breaker {
  /** Does `work`; while the dependency is left alone, throws what `refusal` makes of the last failure instead. */
  run<T>(work: () => Promise<T>, refusal: (reason: string) => Error): Promise<T>;
  isOpen(): boolean;
}

const FAILURES_BEFORE_PAUSE = 5;
const PAUSE_MS = 2000;
const STATES = [CircuitState.Closed, CircuitState.HalfOpen, CircuitState.Open];

/** Makes a breaker, closed. Its state is `guardian_circuit_breaker_state`. */
export function createBreaker({ dependency, log, metrics, pauseMs = PAUSE_MS, isFailure = () => true }: BreakerOptions): Breaker {
  const breaker = circuitBreaker(handleWhen(isFailure), {
    halfOpenAfter: pauseMs,
    breaker: new ConsecutiveBreaker(FAILURES_BEFORE_PAUSE),
  });
  let reason = '';
  // A trial after a pause that fails breaks again: the same outage, which was reported.
  let isLogged = false;
  breaker.onBreak(() => {
    if (!isLogged) log.warn({ dependency, pause_ms: pauseMs, reason }, 'circuit breaker open: the dependency is left alone for a while');
    isLogged = true;
  });
  breaker.onReset(() => {
    isLogged = false;
    log.info({ dependency }, 'circuit breaker closed: the dependency answers again');
  });
  if (metrics !== undefined) measure(metrics, dependency, () => breaker.state);
  return {
    async run(work, refusal) {
      try {
        return await breaker.execute(async () => {
          try {
            return await work();
          } catch (error) {
            reason = messageOf(error);
            throw error;
          }
        });
      } catch (error) {
        if (error instanceof BrokenCircuitError)
          throw refusal(`left alone for up to ${pauseMs / 1000} s after ${FAILURES_BEFORE_PAUSE} failures (${reason})`);
        throw error;
      }
    },
    isOpen: () => breaker.state === CircuitState.Open,
  };
}

/** The breakers of a process by registry: threads of one process are read as one, and the worst state of them stands. */
const measured = new WeakMap<Registry, Map<Dependency, () => CircuitState>>();

function measure(metrics: Registry, dependency: Dependency, state: () => CircuitState): void {
  let states = measured.get(metrics);
  if (states === undefined) {
    const made = new Map<Dependency, () => CircuitState>();
    measured.set(metrics, (states = made));
    const gauge: Gauge<'dependency'> = new Gauge({
      name: 'guardian_circuit_breaker_state',
      help: 'Circuit breaker of a remote dependency: 0 closed, 1 half open, 2 open.',
      labelNames: ['dependency'],
      aggregator: 'max',
      registers: [metrics],
      collect: () => made.forEach((read, name) => gauge.set({ dependency: name }, Math.max(0, STATES.indexOf(read())))),
    });
  }
  states.set(dependency, state);
}
