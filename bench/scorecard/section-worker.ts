import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { MakeSection, Section, SectionOptions } from './figure.ts';

/** Sections in the order of the scorecard; each is `section-<name>.ts` and exports `makeSection`. */
export const SECTIONS = [
  'cloudwalk',
  'kpi',
  'nab',
  'series',
  'menu',
  'null',
  'large',
  'first-day',
  'low-volume',
  'slow-burn',
  'pairs',
  'calibration',
  'special',
  'feedback',
  'ablation',
  'forecast',
  'warning',
  'speed',
] as const;
export type SectionName = (typeof SECTIONS)[number];

/** A section that was made; null when its data are not there. */
export interface MadeSection {
  readonly name: SectionName;
  readonly seconds: number;
  readonly section: Section | null;
}

interface Order {
  readonly name: SectionName;
  readonly options: SectionOptions;
}

/** Makes a section in a thread of its own. Rejects with what the section threw. */
export function makeInThread(name: SectionName, options: SectionOptions): Promise<MadeSection> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(import.meta.filename, { workerData: { name, options } satisfies Order });
    worker.once('message', (made: MadeSection) => resolve(made));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`Section ${name} ended with code ${code} and no result.`)));
  });
}

if (!isMainThread) {
  const { name, options } = workerData as Order;
  const { makeSection } = (await import(join(import.meta.dirname, `section-${name}.ts`))) as { makeSection: MakeSection };
  const started = performance.now();
  const section = await makeSection(options);
  const made: MadeSection = { name, seconds: Math.round((performance.now() - started) / 100) / 10, section };
  parentPort?.postMessage(made);
}
