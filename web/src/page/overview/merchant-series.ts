import { useEffect, useState } from 'react';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { SeriesPoint } from '@transaction-guardian/contracts/stats.ts';
import type { Api } from '../../live/api.ts';
import { ApiError } from '../../live/ask.ts';
import type { MinutePoint } from '../../live/model.ts';

const MINUTE_MS = 60_000;

/** Minutes of one merchant: null while they load. `failure`: why they could not be loaded. */
export interface MerchantSeries {
  readonly points: readonly MinutePoint[] | null;
  /** What the detector expects of it; null where it cannot say. */
  readonly forecast: Forecast | null;
  readonly failure: string | null;
}

const NOTHING: MerchantSeries = { points: null, forecast: null, failure: null };

const toPoint = ({ minute, ...point }: SeriesPoint): MinutePoint => ({ ...point, at: Date.parse(minute) });

/** A forecast of which no step is known yet is a guess: the merchant has had too few transactions. */
const known = (forecast: Forecast | null): Forecast | null =>
  forecast?.items.some(({ learning }) => !learning) === true ? forecast : null;

/** Loads the chart of a merchant over `minutes` up to `endMs`, again as the end moves; of no merchant: nothing. */
export function useMerchantSeries(
  api: Pick<Api, 'seriesOf' | 'forecast'>,
  merchant: string | null,
  minutes: number,
  endMs: number,
): MerchantSeries {
  const [loaded, setLoaded] = useState<MerchantSeries & { readonly merchant: string | null }>({
    merchant: null,
    ...NOTHING,
  });
  const until = Math.floor(endMs / MINUTE_MS) * MINUTE_MS;
  useEffect(() => {
    if (merchant === null) return undefined;
    let isWanted = true;
    const take = (series: MerchantSeries) => {
      if (isWanted) setLoaded({ merchant, ...series });
    };
    const since = new Date(until - minutes * MINUTE_MS).toISOString();
    const node = `merchant:${merchant}`;
    // Without a forecast the chart says that it has no band.
    const ahead = api.forecast(node).catch(() => null);
    Promise.all([api.seriesOf({ node, since, until: new Date(until).toISOString() }), ahead]).then(
      ([{ items }, forecast]) => take({ points: items.map(toPoint), forecast: known(forecast), failure: null }),
      (error: unknown) => take({ ...NOTHING, failure: error instanceof ApiError ? error.message : String(error) }),
    );
    return () => {
      isWanted = false;
    };
  }, [api, merchant, minutes, until]);
  return loaded.merchant === merchant ? loaded : NOTHING;
}
