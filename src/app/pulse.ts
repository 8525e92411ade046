/** Parts of the pipeline that a watcher looks at one by one. */
export const PIPELINE_PARTS = ['window', 'detect', 'alert', 'outbox-relay'] as const;
export type PipelinePart = (typeof PIPELINE_PARTS)[number];

/** `idle`: waits for something to do. `busy`: has something in hand. `failing`: what it had in hand failed. */
export type PartState = 'idle' | 'busy' | 'failing';
const STATES: readonly PartState[] = ['idle', 'busy', 'failing'];

/** How one part stood at a look. `done`: pieces of work that it has finished; `turns`: how often its state was set. */
export interface PartView {
  readonly state: PartState;
  readonly done: number;
  readonly turns: number;
}

/** What another thread sees of a thread, also while that one is busy. `beats`: turns of its event loop. */
export interface PulseView {
  readonly beats: number;
  readonly parts: Readonly<Record<PipelinePart, PartView>>;
}

/** The side of the thread that is watched. */
export interface Pulse {
  /** Begins to count turns of the event loop, about two a second. */
  start(): void;
  set(part: PipelinePart, state: PartState): void;
  /** A piece of work is finished: the part has got on. */
  done(part: PipelinePart): void;
  /** The watcher has found that it stands still. */
  standsStill(): boolean;
  /** Whether every receiver knows from an alert of this thread that detection is critically behind. */
  noteBehindNotified(isNotified: boolean): void;
}

const BEAT_MS = 500;
const FIELDS = 3;
const STANDSTILL = 1 + PIPELINE_PARTS.length * FIELDS;
const BEHIND = STANDSTILL + 1;
/** What the cell says; 0: nothing yet. */
const NOT_NOTIFIED = 1;
const NOTIFIED = 2;

/** Shared memory for one pulse. */
export function pulseMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (3 + PIPELINE_PARTS.length * FIELDS));
}

/** The writing side of `memory`, for one thread. */
export function createPulse(memory: SharedArrayBuffer): Pulse {
  const cells = new Int32Array(memory);
  return {
    start: () => void setInterval(() => Atomics.add(cells, 0, 1), BEAT_MS).unref(),
    set(part, state) {
      Atomics.store(cells, cellOf(part), STATES.indexOf(state));
      Atomics.add(cells, cellOf(part) + 2, 1);
    },
    done: (part) => void Atomics.add(cells, cellOf(part) + 1, 1),
    standsStill: () => Atomics.load(cells, STANDSTILL) === 1,
    noteBehindNotified: (isNotified) => void Atomics.store(cells, BEHIND, isNotified ? NOTIFIED : NOT_NOTIFIED),
  };
}

/** Lets the watched thread know whether it stands still. */
export function noteStandstill(memory: SharedArrayBuffer, standsStill: boolean): void {
  Atomics.store(new Int32Array(memory), STANDSTILL, standsStill ? 1 : 0);
}

/** Follows what `noteBehindNotified` says, over threads: one that starts again does not know yet. */
export function createBehindNotified(): { look(memory: SharedArrayBuffer): void; isNotified(): boolean } {
  let last: number = NOT_NOTIFIED;
  return {
    look(memory) {
      const said = Atomics.load(new Int32Array(memory), BEHIND);
      if (said !== 0) last = said;
    },
    isNotified: () => last === NOTIFIED,
  };
}

/** Reads `memory`, from any thread. */
export function readPulse(memory: SharedArrayBuffer): PulseView {
  const cells = new Int32Array(memory);
  const view = (part: PipelinePart): PartView => ({
    state: STATES[Atomics.load(cells, cellOf(part))] ?? 'idle',
    done: Atomics.load(cells, cellOf(part) + 1),
    turns: Atomics.load(cells, cellOf(part) + 2),
  });
  return {
    beats: Atomics.load(cells, 0),
    parts: Object.fromEntries(PIPELINE_PARTS.map((part) => [part, view(part)])) as Record<PipelinePart, PartView>,
  };
}

function cellOf(part: PipelinePart): number {
  return 1 + PIPELINE_PARTS.indexOf(part) * FIELDS;
}
