import type { Clock } from '../clock.ts';

/** Notices that the program did not run for a while, as under SIGSTOP or on a machine whose disk hung: then nobody listened. */
export interface PauseWatch {
  /** True once after such a pause. */
  hasPaused(): boolean;
  stop(): void;
}

const BEAT_MS = 1000;
/** A busy thread may be late by so much. What a shorter pause leaves is caught up with. */
const PAUSE_MS = 30_000;

/** Starts a watch that beats once a second and compares the beats with the time that has passed. */
export function watchPauses(clock: Pick<Clock, 'monotonic'>): PauseWatch {
  let beatAt = clock.monotonic();
  let hasPaused = false;
  const beat = (): void => {
    const now = clock.monotonic();
    hasPaused ||= now - beatAt > PAUSE_MS;
    beatAt = now;
  };
  const timer = setInterval(beat, BEAT_MS).unref();
  return {
    hasPaused() {
      // Whoever asks may run before the first beat after the pause.
      beat();
      const told = hasPaused;
      hasPaused = false;
      return told;
    },
    stop: () => clearInterval(timer),
  };
}
