import { useCallback, useState } from 'react';
import { messageOf } from '../../live/ask.ts';

/** One thing at a time that somebody asks the server to do. */
export interface Acting {
  readonly isBusy: boolean;
  /** Why the server refused the last one; null when it did not. */
  readonly failure: string | null;
  /** Does it. False: the server refused, and `failure` says why. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function useActing(): Acting {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const run = useCallback(async (work: () => Promise<unknown>) => {
    setBusy(true);
    setFailure(null);
    try {
      await work();
      return true;
    } catch (error) {
      setFailure(messageOf(error));
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  return { isBusy, failure, run };
}
