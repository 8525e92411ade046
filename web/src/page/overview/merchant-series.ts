import { useEffect, useState } from 'react';
import type { Api } from '../../live/api.ts';
import { ApiError } from '../../live/ask.ts';
import type { Point } from '../../live/model.ts';

const MINUTE_MS = 60_000;

/** Minutes of one merchant: null while they load. `failure`: why they could not be loaded. */
export interface MerchantSeries {
  readonly points: readonly Point[] | null;
  readonly failure: string | null;
}

/** Loads the chart of a merchant over `minutes` up to `endMs`, again as the end moves; of no merchant: nothing. */
export function useMerchantSeries(api: Pick<Api, 'seriesOf'>, merchant: string | null, minutes: number, endMs: number): MerchantSeries {
  const [loaded, setLoaded] = useState<MerchantSeries & { readonly merchant: string | null }>({
    merchant: null,
    points: null,
    failure: null,
  });
  const until = Math.floor(endMs / MINUTE_MS) * MINUTE_MS;
  useEffect(() => {
    if (merchant === null) return undefined;
    let isWanted = true;
    const take = (series: MerchantSeries) => {
      if (isWanted) setLoaded({ merchant, ...series });
    };
    const since = new Date(until - minutes * MINUTE_MS).toISOString();
    api.seriesOf({ node: `merchant:${merchant}`, since, until: new Date(until).toISOString() }).then(
      ({ items }) => take({ points: items.map(({ minute, ...point }) => ({ ...point, at: Date.parse(minute) })), failure: null }),
      (error: unknown) => take({ points: null, failure: error instanceof ApiError ? error.message : String(error) }),
    );
    return () => {
      isWanted = false;
    };
  }, [api, merchant, minutes, until]);
  return loaded.merchant === merchant ? loaded : { points: null, failure: null };
}
