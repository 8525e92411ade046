/** Evidence below this is no event; what an event takes from the evidence after it; values over which that fades. */
const EVENT_NATS = 4;
const TAKEN = 0.8;
const FADE = 80;

/** Evidence that is new: soon after an event, one of the same height counts less. Only what was reported counts as an event, so
 *  evidence that grows step by step is reported as it grows. Takes and gives nats. */
export function createNovelty(): (nats: number) => number {
  let event = 0;
  return (nats) => {
    event *= 1 - 1 / FADE;
    const height = Math.max(0, nats - EVENT_NATS);
    const fresh = nats - TAKEN * Math.min(event, height);
    event = Math.max(event, fresh - EVENT_NATS);
    return fresh;
  };
}
