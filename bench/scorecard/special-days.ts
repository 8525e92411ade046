import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { createCompany } from '../../src/simulate/company.ts';
import { createIncident } from '../../src/simulate/incidents.ts';
import { createRandom } from '../../src/simulate/random.ts';
import { drawCells, MINUTE_MS, ordinaryRates, START, windowOf } from './counts-stream.ts';
import { createDefaultDetector } from './data-files.ts';
import { createAnomalyList, simulatedWindows } from './simulated-windows.ts';

const DAY_MS = 1440 * MINUTE_MS;
const ZONE = 'America/Sao_Paulo';
const LEARN_DAYS = 14;

/** A day on which much changes and nothing breaks, and what opened on it. */
export interface SpecialDay {
  readonly name: string;
  readonly runs: number;
  readonly falseOnes: readonly Anomaly[];
}

/** Days on which the clocks change, a holiday at half the volume and a promotion of seven times the volume, each after two
 *  weeks; the ordinary Sunday is there to compare, since the clocks change on Sundays. */
export function runSpecialDays(seeds: readonly string[]): SpecialDay[] {
  const over = (name: string, run: (seed: string) => readonly Anomaly[]): SpecialDay => ({
    name,
    runs: seeds.length,
    falseOnes: seeds.flatMap(run),
  });
  const newYork = 'America/New_York';
  return [
    over('ordinary Sunday, to compare', (seed) => watchDay(seed, newYork, Date.UTC(2026, 2, 1, 5), {})),
    over('clocks go forward', (seed) => watchDay(seed, newYork, Date.UTC(2026, 2, 8, 5), {})),
    over('clocks go back', (seed) => watchDay(seed, newYork, Date.UTC(2026, 10, 1, 4), {})),
    over('holiday at half the volume', (seed) => watchDay(seed, ZONE, START + LEARN_DAYS * DAY_MS, { thin: 0.5 })),
    over('promotion, 7 x for an hour', (seed) => watchDay(seed, ZONE, START + LEARN_DAYS * DAY_MS, { promotion: true })),
  ];
}

function watchDay(seed: string, timeZone: string, day: number, extra: { readonly thin?: number; readonly promotion?: boolean }): Anomaly[] {
  const company = createCompany({ seed, merchants: 6 });
  const start = day - LEARN_DAYS * DAY_MS;
  const at = day + 14 * 60 * MINUTE_MS;
  const incidents = extra.promotion === true ? [createIncident(company, 'promotion', { id: 'promotion', start: at, seed })] : [];
  const random = createRandom(`special/${seed}`);
  const detector = createDefaultDetector(null, timeZone);
  const list = createAnomalyList();
  const minutes = (LEARN_DAYS + 1) * 1440;
  for (const window of simulatedWindows({ seed, start, minutes, timeZone, company, incidents, lateShare: 0 })) {
    const isThin = extra.thin !== undefined && window.minute >= day;
    const { events } = detector.step(isThin ? thinned(window, (count) => random.binomial(count, extra.thin ?? 1)) : window);
    list.add(events);
  }
  return list.all().filter(({ detected_at }) => Date.parse(detected_at) >= day);
}

function thinned(window: ClosedWindow, keep: (count: number) => number): ClosedWindow {
  const cells = window.cells.map((cell) => ({ ...cell, count: keep(cell.count) })).filter(({ count }) => count > 0);
  return { ...window, cells, state: cells.length > 0 ? 'observed' : 'zero' };
}

export interface NewMerchantRun {
  readonly trials: number;
  /** Outages that begin 20 minutes after the first transaction and were told, with the merchant's name. */
  readonly caught: number;
  /** Anomalies of the merchant before the outage. */
  readonly falseOnes: number;
}

/** A merchant of 20 transactions a minute that appears in a company and is down for half an hour from its 20th minute on. */
export function runNewMerchants(trials: number): NewMerchantRun {
  const others = Array.from({ length: 6 }, (_, index) => ({ id: `m-${index + 1}`, rates: ordinaryRates(20 + 10 * index) }));
  const detector = createDefaultDetector();
  const learn = createRandom('new-merchant');
  const draw = (random: typeof learn) => others.flatMap(({ id, rates }) => drawCells(random, rates, id));
  for (let n = 0; n < 1440; n++) detector.step(windowOf(n + 1, START + n * MINUTE_MS, draw(learn)));
  const snapshot = detector.snapshot();
  let caught = 0;
  let falseOnes = 0;
  for (let trial = 0; trial < trials; trial++) {
    const random = createRandom(`new-merchant/${trial}`);
    const copy = createDefaultDetector(snapshot);
    const told = Array.from({ length: 50 }, (_, n) => {
      const cells = [...draw(random), ...(n < 20 ? drawCells(random, ordinaryRates(20), 'm-new') : [])];
      const { events } = copy.step(windowOf(copy.lastSequence + 1, copy.lastMinute + MINUTE_MS, cells));
      return events.filter(
        ({ event, anomaly }) => event === 'opened' && (anomaly.node.merchant_id ?? anomaly.slice.merchant_id) === 'm-new',
      ).length;
    });
    if (told.slice(20).some((count) => count > 0)) caught++;
    falseOnes += told.slice(0, 20).reduce((sum, count) => sum + count, 0);
  }
  return { trials, caught, falseOnes };
}
