import type { Writable } from 'node:stream';

/** Resolves when a stream takes more, or takes nothing any more. To be called right after `write` said that it is full. */
export function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}
