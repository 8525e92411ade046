import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { ReadSide } from '../../console/read-side.ts';
import { createRequestLanguage } from '../request-language.ts';
import type { RegisterRoutes } from '../route-config.ts';
import { registerAlertRoutes } from './alerts.ts';
import { registerAnomalyRoutes } from './anomalies.ts';
import { registerMerchantRoutes } from './merchants.ts';
import type { ReadRouteDeps } from './read-query.ts';
import { registerSeriesRoutes } from './series.ts';
import { registerStatsRoutes } from './stats.ts';
import { registerStreamRoutes } from './stream.ts';

/** The reading routes, for `routes` of the server. `locale`: language of callers who do not say one. */
export function readRoutes(readSide: ReadSide, locale: Locale): readonly RegisterRoutes[] {
  const deps: ReadRouteDeps = { readSide, language: createRequestLanguage(locale) };
  return [
    (app) => {
      registerStatsRoutes(app, deps);
      registerSeriesRoutes(app, deps);
      registerMerchantRoutes(app, deps);
      registerAnomalyRoutes(app, deps);
      registerAlertRoutes(app, deps);
      registerStreamRoutes(app, deps);
    },
  ];
}
