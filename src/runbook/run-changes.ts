import type { RunRecord } from '@transaction-guardian/contracts/runbook.ts';

/** Hands changes of runs to whoever watches. */
export interface RunChanges {
  /** Called with every change of every run; returns the unsubscribe function. */
  watch(listener: (record: RunRecord) => void): () => void;
  tell(record: RunRecord): void;
}

export function createRunChanges(): RunChanges {
  const listeners = new Set<(record: RunRecord) => void>();
  return {
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell(record) {
      for (const listener of listeners) listener(record);
    },
  };
}

const LOOK_MS = 1000;

/** The states of a run from now to its end, for a message that is updated. Looks into the database too: another process may work on the
 *  run. A state that is overtaken before it is read is left out. Ends after the final one, or when `signal` aborts. */
export async function* followRun(
  { changes, read }: { readonly changes: RunChanges; readonly read: (id: string) => Promise<RunRecord | null> },
  id: string,
  signal: AbortSignal,
): AsyncGenerator<RunRecord, void, undefined> {
  let latest: RunRecord | undefined;
  let wake: () => void = () => undefined;
  const end = changes.watch((record) => {
    if (record.id !== id) return;
    latest = record;
    wake();
  });
  const abort = (): void => wake();
  signal.addEventListener('abort', abort, { once: true });
  let shown = '';
  try {
    while (!signal.aborted) {
      const record = latest ?? (await read(id).catch(() => null));
      latest = undefined;
      const text = JSON.stringify(record);
      if (record !== null && text !== shown) {
        shown = text;
        yield record;
        if (record.state !== 'running') return;
      }
      if (latest === undefined) await new Promise<void>((resolve) => void setTimeout((wake = resolve), LOOK_MS));
    }
  } finally {
    end();
    signal.removeEventListener('abort', abort);
  }
}
