import type { LinkedEngines } from './engines.ts';
import { PIPELINE_PARTS, type Pulse } from './pulse.ts';

const LOOK_MS = 1000;
/** As long as a pause of the program that is noticed. */
const PAUSE_LOOKS = 30;

/** Watches the way to the process that serves log and database. */
export interface LinkWatch {
  /** True once after a time without that process in which nobody could be heard. */
  hasPaused(): boolean;
  stop(): void;
}

/** Starts the watch. Stages that wait for another process do not stand still: that it is away is reported as its own. */
export function watchLink(link: Pick<LinkedEngines, 'state'>, pulse: Pick<Pulse, 'done'>): LinkWatch {
  let awayLooks = 0;
  let hasPaused = false;
  const look = (): void => {
    if (link.state() === 'up') {
      hasPaused ||= awayLooks >= PAUSE_LOOKS;
      awayLooks = 0;
      return;
    }
    awayLooks += 1;
    for (const part of PIPELINE_PARTS) pulse.done(part);
  };
  const timer = setInterval(look, LOOK_MS).unref();
  return {
    hasPaused() {
      const told = hasPaused;
      hasPaused = false;
      return told;
    },
    stop: () => clearInterval(timer),
  };
}
