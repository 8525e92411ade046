import { createReadStream, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { detectorFactory } from '../../src/app/detector-factory.ts';
import { loadConfig } from '../../src/config/config-load.ts';
import type { BacktestOutput } from '../../src/backtest/backtest-output.ts';
import { backtest } from '../../src/backtest/backtest.ts';
import type { Detector } from '../../src/detect/engine/detector.ts';
import type { Parts } from '../../src/detect/series/parts.ts';
import { readBacktestRows } from '../../src/cli/backtest-rows.ts';
import type { BacktestRow } from '../../src/backtest/backtest-row.ts';

/** The folder of the data sets: the one that is given, that of GUARDIAN_SHARED, or `../shared` beside the repository; in it
 *  or in its `data`. Null when there is none. */
export function findDataFolder(given: string | undefined): string | null {
  const base = resolve(given ?? process.env['GUARDIAN_SHARED'] ?? join(import.meta.dirname, '../../../shared'));
  const isData = (folder: string): boolean => ['cloudwalk', 'mscloud', 'nab'].some((name) => existsSync(join(folder, name)));
  return [join(base, 'data'), base].find(isData) ?? null;
}

// Settings of this machine must not change the figures.
const factoryOf = (flags: Readonly<Record<string, string>>, parts?: Parts) =>
  detectorFactory(loadConfig({ env: {}, cwd: import.meta.dirname, flags }).config, parts);
const FACTORY = factoryOf({});
const TIME_ZONE = loadConfig({ env: {}, cwd: import.meta.dirname }).config.time_zone;

/** The rows of a CSV file, as `guardian backtest` reads them. */
export async function readDataRows(file: string): Promise<BacktestRow[]> {
  const rows = await collect(readBacktestRows(createReadStream(file), { timeZone: TIME_ZONE }));
  return rows.filter((row) => row.kind !== 'incomplete');
}

/** A detector as the product makes it with the default configuration, new or from a snapshot; elsewhere only the time zone
 *  and the calendar of holidays differ. */
export function createDefaultDetector(snapshot: Uint8Array | null = null, place?: DataPlace): Detector {
  const factory = place === undefined ? FACTORY : factoryOf({ time_zone: place.timeZone, 'detect.holidays.country': place.country });
  return factory.create(snapshot);
}

/** A maker of default detectors, new or from a snapshot, that have only these parts of the method. */
export function detectorsWith(parts: Parts): MakeDetector {
  const factory = factoryOf({}, parts);
  return (snapshot = null) => factory.create(snapshot);
}

export type MakeDetector = (snapshot?: Uint8Array | null) => Detector;

/** Where a company is: IANA zone and country. */
export interface DataPlace {
  readonly timeZone: string;
  readonly country: string;
}

/** What the detector decides with, for the head of the scorecard. */
export const STAMP = { detector: FACTORY.detectorVersion, model: FACTORY.modelVersion, configuration: FACTORY.configHash };

/** Judges rows as `guardian backtest` does, with the default configuration; the same order and values. */
export async function judgeRows(rows: readonly BacktestRow[], make: MakeDetector = createDefaultDetector): Promise<BacktestOutput[]> {
  return collect(backtest(rows, { format: 'auto', locale: 'en', createDetector: () => make() }));
}

/** Epoch milliseconds of a time as the backtest and the labels write it: `2025-07-12 13:45[:00[.000000]]`, UTC. */
export function rowTime(text: string): number {
  return Date.parse(`${text.slice(0, 19).replace(' ', 'T')}${text.length === 16 ? ':00' : ''}Z`);
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}
