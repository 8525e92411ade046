import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { ForecastQuery } from '../detect/forecast/forecast.ts';
import type { RawReader } from '../raw/raw-transactions.ts';
import type { Database } from '../store/database.ts';
import type { MetricsDump } from '../telemetry/metrics.ts';
import type { DataHealth } from './data-losses.ts';
import type { Standstill } from './watchdog.ts';

/** What the API asks of the stages behind the log, in whichever thread or process they run. */
export interface Behind {
  /** Resolves when log and database can be asked. */
  readonly started: Promise<void>;
  readonly database: Database;
  /** Questions about single transactions. */
  readonly raw: RawReader;
  /** What the stages have published of themselves: one entry for each part, by its name. */
  checks(): Readonly<Record<string, DataHealth>>;
  /** The metrics that they have published, a dump for each thread or process. */
  metrics(): readonly MetricsDump[];
  /** From the stored state of the detector. Null for a node that was never counted. */
  forecast(query: ForecastQuery): Promise<Forecast | null>;
  /** Resolves when everything accepted before the call is counted, scored and made into alerts. */
  drained(): Promise<void>;
  /** That detection stands still. */
  standstill(): Standstill | undefined;
}
