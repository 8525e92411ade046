import type { HealthFact } from '@transaction-guardian/contracts/health-reason.ts';
import { reasonText } from '@transaction-guardian/contracts/text/text.ts';
import type { Intake } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { failureReason, GuardianError, isGuardianError } from '../errors.ts';
import type { StageHealth } from '../stage.ts';

export interface PublishWatch<Answer> {
  /** The bus, watched. */
  readonly bus: Intake<Answer>;
  /** Down while the disk has no room, and while the last publish failed, for at most half a minute: a program that nobody
   *  sends to cannot know better. */
  health(): StageHealth;
}

const MEMORY_MS = 30_000;

/** Watches whether what is published reaches the disk, which reading cannot tell: a full disk can still be read. While
 *  `noRoom` gives a reason, publishing fails with DISK_NEARLY_FULL (retryable) before anything is written. */
export function createPublishWatch<Answer>(
  bus: Intake<Answer>,
  clock: Clock,
  noRoom: () => HealthFact | undefined = () => undefined,
): PublishWatch<Answer> {
  let failed: { readonly at: number; readonly reason: HealthFact } | undefined;
  return {
    bus: {
      async publish(topic, records) {
        const reason = noRoom();
        if (reason !== undefined) throw new GuardianError('DISK_NEARLY_FULL', reasonText('en', reason), { retryable: true });
        try {
          const positions = await bus.publish(topic, records);
          failed = undefined;
          return positions;
        } catch (error) {
          if (isRefusal(error)) failed = { at: clock.monotonic(), reason: failureReason(error) };
          throw error;
        }
      },
    },
    health() {
      const isRecent = failed !== undefined && clock.monotonic() - failed.at <= MEMORY_MS;
      const reason = noRoom() ?? (isRecent ? failed?.reason : undefined);
      return reason === undefined ? { status: 'ok' } : { status: 'down', reasons: [reason] };
    },
  };
}

/** The disk does not take records, or the log is full of uncounted ones; not: many wait at this moment. */
const isRefusal = (error: unknown): boolean =>
  isGuardianError(error, 'BUS_UNAVAILABLE') || (isGuardianError(error, 'BUS_FULL') && error.data['uncounted'] === true);
