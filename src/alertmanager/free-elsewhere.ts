import type { Clock } from '../clock.ts';
import { fingerprintIn, isSilence, readHoldsElsewhere, type SilencedInstance } from './act-elsewhere.ts';
import type { HeldElsewhere } from './held.ts';

/** An alert that is not there for so long has ended: an Alertmanager that was restarted is sent its alerts again within a minute. */
const OVER_MS = 120_000;

export interface FreeElsewhereDeps {
  readonly clock: Clock;
  readonly heldElsewhere: () => Promise<HeldElsewhere>;
  readonly instances: readonly SilencedInstance[];
}

/** Makes the look that ends acknowledgements and snoozes of alerts of others that have ended, so that the end is reported and the next
 *  time notifies. A silence that somebody asked for lasts as long as it was asked for. Never rejects. */
export function createFreeElsewhere({ clock, heldElsewhere, instances }: FreeElsewhereDeps): () => Promise<void> {
  const missingSince = new Map<string, number>();
  return async () => {
    const { found } = await readHoldsElsewhere(instances);
    const holds = found.flatMap(({ instance, silences }) =>
      silences.filter((silence) => !isSilence(silence)).map((silence) => ({ instance, silence })),
    );
    const { alerts } = holds.length === 0 ? { alerts: [] } : await heldElsewhere();
    if (alerts === null) return;
    const now = clock.now();
    const there = new Set(alerts.map(({ fingerprint }) => fingerprint));
    const gone = new Set(holds.map(({ silence }) => fingerprintIn(silence) ?? '').filter((fingerprint) => !there.has(fingerprint)));
    for (const fingerprint of missingSince.keys()) if (!gone.has(fingerprint)) missingSince.delete(fingerprint);
    for (const fingerprint of gone) missingSince.set(fingerprint, missingSince.get(fingerprint) ?? now);
    for (const { instance, silence } of holds) {
      const since = missingSince.get(fingerprintIn(silence) ?? '');
      if (since !== undefined && now - since >= OVER_MS) await instance.api.expire(silence.id);
    }
  };
}
