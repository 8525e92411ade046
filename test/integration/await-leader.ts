import { setTimeout as delay } from 'node:timers/promises';
import type { Batch, Subscription } from '../../src/bus/bus.ts';
import { isGuardianError } from '../../src/errors.ts';

const PATIENCE_MS = 300_000;

/** A new topic may have no leader for a moment; a stage tries again too. */
export async function awaitLeader(error: unknown): Promise<null> {
  if (!isGuardianError(error, 'BUS_UNAVAILABLE')) throw error;
  await delay(100);
  return null;
}

/** The first batch of a new topic; null when none came in five minutes. */
export async function firstBatch(member: Subscription): Promise<Batch | null> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const batch = await member.next({ timeoutMs: 1000 }).catch(awaitLeader);
    if (batch !== null || performance.now() > deadline) return batch;
  }
}
