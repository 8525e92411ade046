import { flushCompileCache } from 'node:module';

/** Writes the compiled code of this thread to the cache of the launcher now. Node writes it when a thread ends in good order, which
 *  kill -9 is not: the start after it would compile everything again. Does nothing without a cache. */
export function keepCompiledCode(): void {
  flushCompileCache();
}
