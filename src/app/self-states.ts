import type { SelfState } from '../alert/self-alert.ts';
import type { DiskWatch } from './disk-watch.ts';
import type { Pipeline } from './pipeline.ts';

/** Whether detection stands still. While the receivers know that it is critically behind, that wakes nobody again. */
export function standstillOf(pipeline: Pick<Pipeline, 'standstill' | 'isProven' | 'isBehindNotified'>): SelfState {
  const still = pipeline.standstill();
  if (still?.reason !== undefined) return pipeline.isBehindNotified() ? null : still.reason;
  return pipeline.isProven() ? undefined : null;
}

/** A disk that is full is reported as that alone. */
export function diskStates(disk: Pick<DiskWatch, 'problem'>): Record<'disk_full' | 'disk_low', () => SelfState> {
  return {
    disk_full() {
      const found = disk.problem();
      return found?.kind === 'full' ? found.reason : undefined;
    },
    disk_low() {
      const found = disk.problem();
      return found?.kind === 'full' ? { worse: 'disk_full' } : found?.reason;
    },
  };
}
