import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { systemClock as clock } from '../clock.ts';
import { createAnalyzer } from '../analyze/analyzer.ts';
import type { AnalyzedTransaction } from '../analyze/request-windows.ts';
import { connectDatabase } from '../store/remote-database.ts';
import type { Config } from '../config/config-schema.ts';
import { detectorFactory } from './detector-factory.ts';
import { serveCalls } from './thread-call.ts';

/** What the thread is started with. */
export interface AnalyzeSettings {
  readonly config: Config;
  readonly databasePort: MessagePort;
}

/** What it is asked. */
export interface AnalyzeCall {
  readonly records: readonly AnalyzedTransaction[];
  readonly locale: Locale;
}

if (parentPort === null) throw new Error('This file runs in a thread that the program starts.');
const { config, databasePort } = workerData as AnalyzeSettings;
const factory = detectorFactory(config);
const analyze = createAnalyzer(
  { database: connectDatabase(databasePort), clock, createDetector: factory.create },
  { timeZone: config.time_zone, ...factory },
);
serveCalls(parentPort, { analyze: ({ records, locale }: AnalyzeCall) => analyze(records, locale) });
