import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { createCompany } from '../../src/simulate/company.ts';
import { createIncident, type SimulatedIncident } from '../../src/simulate/incidents.ts';
import { createRandom } from '../../src/simulate/random.ts';
import { drawCells, MINUTE_MS, ordinaryRates, START, windowOf } from './counts-stream.ts';
import { createDefaultDetector, type DataPlace } from './data-files.ts';
import { createAnomalyList, simulatedWindows } from './simulated-windows.ts';

const DAY_MS = 1440 * MINUTE_MS;
const BRAZIL: DataPlace = { timeZone: 'America/Sao_Paulo', country: 'BR' };
const NEW_YORK: DataPlace = { timeZone: 'America/New_York', country: 'US' };
const LEARN_DAYS = 14;
const OUTAGE_HOURS = [1, 6, 9, 12, 17, 22];
const OUTAGE_MINUTES = 30;

/** A day on which much changes and nothing breaks, and what opened on it. */
export interface SpecialDay {
  readonly name: string;
  readonly runs: number;
  readonly falseOnes: readonly Anomaly[];
}

/** Days on which the clocks change, a day at half the volume that no calendar knows, a promotion of seven times the volume,
 *  and days of the Brazilian calendar that are lived like Sundays; the ordinary Sunday is there to compare, since the clocks
 *  change on Sundays. Each after two weeks of learning, the second holiday after six. */
export function runSpecialDays(seeds: readonly string[]): SpecialDay[] {
  const over = (name: string, plan: Plan): SpecialDay => ({
    name,
    runs: seeds.length,
    falseOnes: seeds.flatMap((seed) => watch(seed, plan)),
  });
  const ordinary = START + LEARN_DAYS * DAY_MS;
  return [
    over('ordinary Sunday, to compare', { place: NEW_YORK, day: Date.UTC(2026, 2, 1, 5) }),
    over('clocks go forward', { place: NEW_YORK, day: Date.UTC(2026, 2, 8, 5) }),
    over('clocks go back', { place: NEW_YORK, day: Date.UTC(2026, 10, 1, 4) }),
    over('holiday at half the volume', { day: ordinary, thin: 0.5 }),
    over('promotion, 7 x for an hour', { day: ordinary, promotion: true }),
    over('first holiday (Independence Day), and the day after', { day: localMidnight(2026, 9, 7), days: 2, holidays: ['2026-09-07'] }),
    over('first holiday at half the volume of a Sunday', { day: localMidnight(2026, 9, 7), days: 2, holidays: ['2026-09-07'], thin: 0.5 }),
    over('Carnival, Saturday to Ash Wednesday', { day: localMidnight(2026, 2, 14), days: 5, holidays: ['2026-02-16', '2026-02-17'] }),
    over('second holiday (Corpus Christi), and the day after', {
      day: localMidnight(2026, 6, 4),
      days: 2,
      learnDays: 39,
      holidays: ['2026-05-01', '2026-06-04'],
    }),
  ];
}

/** Midnight in Sao Paulo. */
const localMidnight = (year: number, month: number, date: number): number => Date.UTC(year, month - 1, date, 3);

/** What is lived, and which days of it are watched. */
interface Plan {
  /** First instant of the watched day. */
  readonly day: number;
  /** Default Brazil. */
  readonly place?: DataPlace;
  /** Days that are watched (default 1). */
  readonly days?: number;
  /** Days before it (default 14). */
  readonly learnDays?: number;
  /** Local dates that are lived like Sundays. */
  readonly holidays?: readonly string[];
  /** Part of the volume that is left on the first watched day. */
  readonly thin?: number;
  readonly promotion?: boolean;
  /** Outages of half an hour, by the hour of the first watched day at which they begin. */
  readonly outages?: readonly number[];
}

function watch(seed: string, plan: Plan): Anomaly[] {
  const { day, place = BRAZIL, days = 1, learnDays = LEARN_DAYS, thin = 1 } = plan;
  const company = createCompany({ seed, merchants: 6 });
  const start = day - learnDays * DAY_MS;
  const make = (type: SimulatedIncident['type'], hour: number, minutes: number): SimulatedIncident =>
    createIncident(company, type, { id: `${type}-${hour}`, start: day + hour * 60 * MINUTE_MS, minutes, seed });
  const incidents = [
    ...(plan.promotion === true ? [make('promotion', 14, 60)] : []),
    ...(plan.outages ?? []).map((hour) => make('total_outage', hour, OUTAGE_MINUTES)),
  ];
  const random = createRandom(`special/${seed}`);
  const detector = createDefaultDetector(null, place);
  const list = createAnomalyList();
  const minutes = (learnDays + days) * 1440;
  const lived = plan.holidays === undefined ? {} : { holidays: plan.holidays };
  for (const window of simulatedWindows({ seed, start, minutes, timeZone: place.timeZone, company, incidents, lateShare: 0, ...lived })) {
    const isThin = thin < 1 && window.minute >= day && window.minute < day + DAY_MS;
    const { events } = detector.step(isThin ? thinned(window, (count) => random.binomial(count, thin)) : window);
    list.add(events);
  }
  return list.all().filter(({ detected_at }) => Date.parse(detected_at) >= day);
}

export interface HolidayOutages {
  readonly outages: number;
  readonly caught: number;
  /** Longest delay of a caught one, minutes. */
  readonly longest: number;
}

/** Total outages of half an hour, at six hours of the first holiday that the detector sees. */
export function runHolidayOutages(seeds: readonly string[]): HolidayOutages {
  const day = localMidnight(2026, 9, 7);
  const delays = seeds.flatMap((seed) => {
    const opened = watch(seed, { day, holidays: ['2026-09-07'], outages: OUTAGE_HOURS }).map(({ detected_at }) => Date.parse(detected_at));
    return OUTAGE_HOURS.map((hour) => {
      const start = day + hour * 60 * MINUTE_MS;
      const at = opened.find((time) => time >= start && time < start + OUTAGE_MINUTES * MINUTE_MS);
      return at === undefined ? Number.POSITIVE_INFINITY : (at - start) / MINUTE_MS;
    });
  });
  const caught = delays.filter(Number.isFinite);
  return { outages: delays.length, caught: caught.length, longest: Math.max(0, ...caught) };
}

function thinned(window: ClosedWindow, keep: (count: number) => number): ClosedWindow {
  const cells = window.cells.map((cell) => ({ ...cell, count: keep(cell.count) })).filter(({ count }) => count > 0);
  return { ...window, cells, state: cells.length > 0 ? 'observed' : 'zero' };
}

export interface NewMerchantRun {
  readonly trials: number;
  /** Outages that begin 20 minutes after the first transaction and were reported, with the merchant's name. */
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
