import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { systemClock as clock } from '../clock.ts';
import { createAnalyzer } from '../analyze/analyzer.ts';
import type { AnalyzedTransaction } from '../analyze/request-windows.ts';
import type { ForecastQuery } from '../detect/forecast/forecast.ts';
import { connectDatabase } from '../store/remote-database.ts';
import type { Config } from '../config/config-schema.ts';
import { detectorFactory } from './detector-factory.ts';
import { endWhenAsked } from './end-thread.ts';
import { connectLog } from './engines.ts';
import { createStoredForecast } from './stored-forecast.ts';
import { serveCalls } from './thread-call.ts';

/** What the thread is started with: the ports at which the database and the log are served. */
export interface AnalyzeSettings {
  readonly config: Config;
  readonly databasePort: MessagePort;
  readonly logPort: MessagePort;
}

/** What it is asked. */
export interface AnalyzeCall {
  readonly records: readonly AnalyzedTransaction[];
  readonly locale: Locale;
}

if (parentPort === null) throw new Error('This file runs in a thread that the program starts.');
endWhenAsked(parentPort);
const { config, databasePort, logPort } = workerData as AnalyzeSettings;
const factory = detectorFactory(config);
const database = connectDatabase(databasePort);
const bus = await connectLog(logPort);
const analyze = createAnalyzer({ database, clock, createDetector: factory.create }, { timeZone: config.time_zone, ...factory });
const forecast = createStoredForecast({ bus, database, clock, factory });
serveCalls(parentPort, {
  analyze: ({ records, locale }: AnalyzeCall) => analyze(records, locale),
  forecast: (query: ForecastQuery) => forecast(query),
});
