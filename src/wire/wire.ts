/** Takes messages of one kind: which, both ends have agreed on. */
type Hear = { hear(message: unknown): void }['hear'];

/** One end of a channel of messages, in order and each whole: a `MessagePort`, or a socket made into one. A message is what
 *  `structuredClone` takes. */
export interface Wire {
  /** Throws for a message that cannot be sent; one to an end that is gone is dropped. */
  postMessage(message: unknown): void;
  on(event: 'message' | 'close', hear: Hear): unknown;
  close(): void;
  /** Whether an open wire keeps the process alive. */
  ref(): void;
  unref(): void;
}
