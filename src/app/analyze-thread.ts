import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { systemClock as clock } from '../clock.ts';
import { createAnalyzer } from '../analyze/analyzer.ts';
import type { AnalyzedTransaction } from '../analyze/request-windows.ts';
import type { ForecastQuery } from '../detect/forecast/forecast.ts';
import { GuardianError } from '../errors.ts';
import { connectDatabase } from '../store/remote-database.ts';
import { createLogger } from '../telemetry/logger.ts';
import type { Config } from '../config/config-schema.ts';
import type { DataDir } from './data-dir.ts';
import { detectorFactory } from './detector-factory.ts';
import { linkEngines } from './engines.ts';
import { createStoredForecast } from './stored-forecast.ts';
import { serveCalls } from './thread-call.ts';

/** What the thread is started with: the database at a port, or the data directory whose owner serves it and the log. */
export type AnalyzeSettings = { readonly config: Config } & ({ readonly databasePort: MessagePort } | { readonly dir: DataDir });

/** What it is asked. */
export interface AnalyzeCall {
  readonly records: readonly AnalyzedTransaction[];
  readonly locale: Locale;
}

/** How long a request waits for the process that owns the data. */
const LINK_WAIT_MS = 2000;

if (parentPort === null) throw new Error('This file runs in a thread that the program starts.');
const settings = workerData as AnalyzeSettings;
const { config } = settings;
const factory = detectorFactory(config);
const link = 'dir' in settings ? await linkEngines(settings.dir, { log: createLogger(config.log), waitMs: LINK_WAIT_MS }) : undefined;
const database = 'databasePort' in settings ? connectDatabase(settings.databasePort) : link?.database;
if (database === undefined) throw new Error('The thread was given no database.');
const analyze = createAnalyzer({ database, clock, createDetector: factory.create }, { timeZone: config.time_zone, ...factory });
const forecast = link === undefined ? undefined : createStoredForecast({ ...link, clock, factory });
serveCalls(parentPort, {
  analyze: ({ records, locale }: AnalyzeCall) => analyze(records, locale),
  async forecast(query: ForecastQuery) {
    if (forecast === undefined) throw new GuardianError('INTERNAL', 'Forecasts come from the detector of this process.');
    return forecast(query);
  },
});
