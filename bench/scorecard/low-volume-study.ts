import { createRandom, type Random } from '../../src/simulate/random.ts';
import { drawCells, evidenceOf, informationOf, MINUTE_MS, ordinaryRates, START, windowOf, type Rates } from './counts-stream.ts';
import { createDefaultDetector, type MakeDetector } from './data-files.ts';
import { median } from './score-windows.ts';

export const INCIDENT_MINUTES = 30;
/** One false alarm of a stream in a thousand days: the evidence that an optimal test needs (nats, Lorden 1971). */
export const THRESHOLD_NATS = Math.log(1440 / 0.001);

/** What breaks: the rates of a minute of the incident from the ordinary ones. */
export const BREAKS = {
  outage: () => 0,
  'volume down to 30 %': (_name, rates, name) => 0.3 * rates[name],
  'denied 5.5 -> 30 %': (perMinute, rates, name) => swap(perMinute, rates, name, 'denied', 0.3),
  'failed 0.2 -> 15 %': (perMinute, rates, name) => swap(perMinute, rates, name, 'failed', 0.15),
} as const satisfies Record<string, (perMinute: number, rates: Rates, name: keyof Rates) => number>;
export type Break = keyof typeof BREAKS;
const KINDS = Object.keys(BREAKS) as Break[];

/** One status takes a share of everything, the approved ones lose it; the volume stays. */
function swap(perMinute: number, rates: Rates, name: keyof Rates, to: keyof Rates, share: number): number {
  if (name === to) return share * perMinute;
  return name === 'approved' ? rates.approved - share * perMinute + rates[to] : rates[name];
}

/** Rates during a break. */
export function brokenRates(kind: Break, perMinute: number): Rates {
  const rates = ordinaryRates(perMinute);
  const names = Object.keys(rates) as (keyof Rates)[];
  return Object.fromEntries(names.map((name) => [name, BREAKS[kind](perMinute, rates, name)])) as Record<keyof Rates, number>;
}

/** Delays are minutes of the incident that were seen when it was reported, 1 is the first: the median of all incidents, null
 *  when half of them or more were missed. */
export interface LowVolumeCell {
  readonly perMinute: number;
  readonly kind: Break;
  readonly trials: number;
  readonly caught: number;
  readonly delay: number | null;
  /** Of each incident; null when it was missed. */
  readonly delays: readonly (number | null)[];
  /** The same for an optimal test that knows both rates in advance. */
  readonly bestCaught: number;
  readonly bestDelay: number | null;
  /** Minutes in which the incident gathers evidence up to the threshold on average, at least one. */
  readonly bound: number;
  /** False anomalies in the minutes before incidents, and how many of these there were. */
  readonly falseOnes: number;
  readonly cleanMinutes: number;
}

export interface LowVolumeOptions {
  readonly seed: string;
  readonly rates: readonly number[];
  /** Streams that are learnt (a day each), and incidents of each kind on each of them. */
  readonly streams: number;
  readonly incidents: number;
  /** Puts the stream into a company as one of its merchants. */
  readonly asMerchant?: boolean;
  /** Makes the detector (default: the product's). */
  readonly make?: MakeDetector;
}

/** Incidents of half an hour on streams of low volume, each on its own copy of a detector that learnt the stream for a day. */
export function runLowVolume(options: LowVolumeOptions): LowVolumeCell[] {
  return options.rates.flatMap((perMinute) => {
    const streams = Array.from({ length: options.streams }, (_, stream) => learnStream(options, perMinute, stream));
    return KINDS.map((kind) => runCell(options, perMinute, kind, streams));
  });
}

type Cells = ReturnType<typeof drawCells>;
const OTHERS = Array.from({ length: 10 }, (_, index) => ({ id: `other-${index + 1}`, perMinute: 10 + 5 * index }));

/** The studied stream's cells first; as a merchant, those of the others after it. */
function drawMinute(random: Random, rates: Rates, asMerchant: boolean): { readonly own: Cells; readonly all: Cells } {
  const own = drawCells(random, rates, asMerchant ? 'm' : '');
  if (!asMerchant) return { own, all: own };
  return { own, all: [...own, ...OTHERS.flatMap(({ id, perMinute }) => drawCells(random, ordinaryRates(perMinute), id))] };
}

function learnStream(
  { seed, asMerchant = false, make = createDefaultDetector }: LowVolumeOptions,
  perMinute: number,
  stream: number,
): Uint8Array {
  const random = createRandom(`low-volume/${seed}/${perMinute}/${stream}`);
  const detector = make();
  const rates = ordinaryRates(perMinute);
  for (let n = 0; n < 1440; n++) detector.step(windowOf(n + 1, START + n * MINUTE_MS, drawMinute(random, rates, asMerchant).all));
  return detector.snapshot();
}

function runCell(options: LowVolumeOptions, perMinute: number, kind: Break, streams: readonly Uint8Array[]): LowVolumeCell {
  const after = brokenRates(kind, perMinute);
  const delays: (number | null)[] = [];
  const best: (number | null)[] = [];
  let falseOnes = 0;
  let cleanMinutes = 0;
  streams.forEach((snapshot, stream) => {
    for (let n = 0; n < options.incidents; n++) {
      const random = createRandom(`low-volume/${options.seed}/${perMinute}/${stream}/${kind}/${n}`);
      const lead = 10 + random.below(30);
      const trial = runTrial(snapshot, random, {
        lead,
        perMinute,
        after,
        asMerchant: options.asMerchant ?? false,
        make: options.make ?? createDefaultDetector,
      });
      delays.push(trial.delay);
      best.push(trial.best);
      falseOnes += trial.falseOnes;
      cleanMinutes += lead;
    }
  });
  const [caught, bestCaught] = [delays, best].map((list) => list.filter((delay) => delay !== null));
  return {
    ...{ perMinute, kind, trials: delays.length, falseOnes, cleanMinutes },
    caught: caught?.length ?? 0,
    delay: medianOfAll(delays),
    delays,
    bestCaught: bestCaught?.length ?? 0,
    bestDelay: medianOfAll(best),
    bound: Math.max(1, THRESHOLD_NATS / informationOf(ordinaryRates(perMinute), after)),
  };
}

/** A missed incident counts as one that takes for ever: the ones that were caught must not look quicker than all are. */
function medianOfAll(delays: readonly (number | null)[]): number | null {
  const middle = median(delays.map((delay) => delay ?? Number.POSITIVE_INFINITY));
  return middle === Number.POSITIVE_INFINITY ? null : middle;
}

interface Trial {
  readonly lead: number;
  readonly perMinute: number;
  readonly after: Rates;
  readonly asMerchant: boolean;
  readonly make: MakeDetector;
}

function runTrial(snapshot: Uint8Array, random: Random, { lead, perMinute, after, asMerchant, make }: Trial) {
  const detector = make(snapshot);
  const before = ordinaryRates(perMinute);
  const trial: { delay: number | null; best: number | null; falseOnes: number } = { delay: null, best: null, falseOnes: 0 };
  let sum = 0;
  for (let n = 1 - lead; n <= INCIDENT_MINUTES; n++) {
    const { own, all } = drawMinute(random, n > 0 ? after : before, asMerchant);
    const { events } = detector.step(windowOf(detector.lastSequence + 1, detector.lastMinute + MINUTE_MS, all));
    const opened = events.filter(
      ({ event, anomaly }) =>
        event === 'opened' &&
        anomaly.type !== 'drift_warning' &&
        (!asMerchant || anomaly.node.merchant_id === 'm' || anomaly.slice.merchant_id === 'm'),
    );
    sum = Math.max(0, sum) + evidenceOf(own, before, after);
    if (n <= 0) trial.falseOnes += opened.length;
    else {
      if (opened.length > 0) trial.delay ??= n;
      if (sum >= THRESHOLD_NATS) trial.best ??= n;
    }
  }
  return trial;
}
