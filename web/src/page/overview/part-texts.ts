import type * as partTexts from '@transaction-guardian/contracts/text/part-text.ts';
import { useEffect, useState } from 'react';

type PartTexts = typeof partTexts;

/** The texts about parts of the program, which come when something is not well (`isWanted`); null until then, and without their code. */
export function usePartTexts(isWanted: boolean): PartTexts | null {
  const [texts, setTexts] = useState<PartTexts | null>(null);
  useEffect(() => {
    if (!isWanted) return undefined;
    let isThere = true;
    import('@transaction-guardian/contracts/text/part-text.ts').then(
      (loaded) => isThere && setTexts(loaded),
      () => undefined,
    );
    return () => {
      isThere = false;
    };
  }, [isWanted]);
  return texts;
}
