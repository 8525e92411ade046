import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { BusUnderTest, ManualClock } from '../bus-under-test.ts';
import { openEmbeddedBus, type EmbeddedBus, type EmbeddedBusOptions } from './embedded.ts';

/** An embedded bus in a temporary directory, for tests. */
export interface EmbeddedUnderTest extends BusUnderTest {
  readonly dir: string;
  /** What the bus logged, one object a line. */
  readonly logged: readonly Record<string, unknown>[];
  /** Another bus on the same directory. */
  openWith(options: Partial<EmbeddedBusOptions>): Promise<EmbeddedBus>;
}

/** Creates a temporary directory and opens buses in it with small limits. */
export function createEmbeddedUnderTest(writer: 'thread' | 'inline'): EmbeddedUnderTest {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-bus-'));
  const clock = createManualClock();
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) });
  const maxPendingRecords = 70_000;
  const buses: EmbeddedBus[] = [];
  let partitions: EmbeddedBusOptions['partitions'] = {};

  async function openWith(options: Partial<EmbeddedBusOptions>): Promise<EmbeddedBus> {
    const retention = { hours: 24, bytes: 1_000_000_000 };
    const bus = await openEmbeddedBus({ dir: join(dir, 'bus'), partitions, retention, clock, log, writer, maxPendingRecords, ...options });
    buses.push(bus);
    return bus;
  }

  return {
    dir: join(dir, 'bus'),
    clock,
    logged,
    maxPendingRecords,
    openWith,
    open(wanted) {
      partitions = wanted;
      return openWith({});
    },
    reopen: () => openWith({}),
    async release() {
      for (const bus of buses) await bus.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function createManualClock(): ManualClock {
  let nowMs = 1_700_000_000_000;
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    set(timeMs) {
      nowMs = timeMs;
    },
  };
}
