import type { Anomaly, AnomalyEvent, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import { createCompany, type Company } from '../../src/simulate/company.ts';
import type { SimulatedIncident, IncidentType } from '../../src/simulate/incidents.ts';
import { createRandom, type Random } from '../../src/simulate/random.ts';
import { sliceCounts } from '../../src/topic/slice-counts.ts';
import { createDefaultDetector, type MakeDetector } from './data-files.ts';
import { simulatedWindows } from './simulated-windows.ts';

const MERCHANTS = 12;
const LEARN_DAYS = 2;
const FIRST_MINUTES = 40;
const SECOND_MINUTES = 30;
/** Minutes after the first incident at which the second one begins, in turn. */
const GAPS = [4, 12, 20] as const;
/** Minutes from one pair to the next; two days have six pairs each, from eight in the morning on. */
const APART = 140;
const PAIRS_A_DAY = 6;
/** Anomalies that open this long after a pair still belong to it. */
const AFTER = 15;

type Kind = Pick<SimulatedIncident, 'type' | 'slice'>;
const KINDS = {
  'code 51': () => ({ type: 'denial_burst', slice: { status: 'denied', auth_code: '51' } }),
  'code 59': () => ({ type: 'denial_burst', slice: { status: 'denied', auth_code: '59' } }),
  reversals: () => ({ type: 'reversal_storm', slice: { status: 'reversed' } }),
  acquirer: ({ acquirers }, random) => ({ type: 'acquirer_down', slice: { acquirer: acquirers[random.below(acquirers.length)] ?? '' } }),
  // What is sent to an acquirer that does not answer is not denied: the merchant of the second incident sends nothing there.
  'acquirer without B': ({ acquirers, merchants }) => ({
    type: 'acquirer_down',
    slice: { acquirer: acquirers[((merchants[2]?.acquirer ?? 0) + 2) % acquirers.length] ?? '' },
  }),
  'code 51 of A': (company) => ({ type: 'denial_burst', slice: { status: 'denied', auth_code: '51', ...merchantOf(company, 0) } }),
  'code 51 of B': (company) => ({ type: 'denial_burst', slice: { status: 'denied', auth_code: '51', ...merchantOf(company, 2) } }),
  'reversals of D': (company) => ({ type: 'reversal_storm', slice: { status: 'reversed', ...merchantOf(company, 3) } }),
  'C down': (company) => ({ type: 'merchant_down', slice: merchantOf(company, 1) }),
  'B down': (company) => ({ type: 'merchant_down', slice: merchantOf(company, 2) }),
} as const satisfies Record<string, (company: Company, random: Random) => Kind>;
type KindName = keyof typeof KINDS;

const merchantOf = ({ merchants }: Company, place: number): Slice => ({ merchant_id: merchants[place]?.id ?? '' });

/** First incident, and the second one that begins inside it. */
const PAIRS: readonly (readonly [KindName, KindName])[] = [
  ['code 51', 'acquirer'],
  ['code 51 of A', 'code 51 of B'],
  ['code 51', 'reversals'],
  ['code 51 of A', 'acquirer'],
  ['acquirer without B', 'code 51 of B'],
  ['C down', 'code 51 of B'],
  ['acquirer', 'reversals'],
  ['C down', 'B down'],
  ['code 51', 'code 59'],
  ['reversals', 'code 51 of B'],
  ['code 51 of A', 'reversals of D'],
  ['acquirer without B', 'B down'],
];

/** One pair and what was reported of it. Delays in minutes from the start of an incident to the event that names it; null: never. */
export interface JudgedPair {
  readonly name: string;
  readonly gap: number;
  readonly first: number | null;
  readonly second: number | null;
  /** The second one is named by an anomaly of its own. */
  readonly isOwn: boolean;
  /** Anomalies that opened beyond one for each incident. */
  readonly extra: number;
}

export interface PairRun {
  readonly pairs: readonly JudgedPair[];
  /** Anomalies that opened when nothing was wrong, in the two days with pairs. */
  readonly falseOnes: number;
}

interface Pair {
  readonly name: string;
  readonly gap: number;
  readonly one: SimulatedIncident;
  readonly two: SimulatedIncident;
}

interface Reported {
  readonly at: number;
  readonly event: AnomalyEvent['event'];
  readonly anomaly: Anomaly;
}

/** Plays a company in which a second thing breaks while a first one is broken, twelve times in two days, and compares what was reported with
 *  the truth. Pure: the same seed gives the same result. */
export function runPairs(seed: string, shift: number, make: MakeDetector = createDefaultDetector): PairRun {
  const company = createCompany({ seed, merchants: MERCHANTS });
  const start = Date.UTC(2026, 2, 2, 3);
  const from = start + LEARN_DAYS * 1440 * MINUTE_MS;
  const pairs = planPairs(company, createRandom(`pairs/${seed}`), from, shift);
  const incidents = pairs.flatMap(({ one, two }) => [one, two]);
  const detector = make();
  const told: Reported[] = [];
  const minutes = (LEARN_DAYS + 2) * 1440;
  for (const window of simulatedWindows({ seed, start, minutes, timeZone: 'America/Sao_Paulo', company, incidents }))
    for (const { event, anomaly } of detector.step(withSlices(window)).events)
      if (anomaly.type !== 'drift_warning') told.push({ at: window.minute, event, anomaly: structuredClone(anomaly) });
  const isFree = (at: number): boolean => pairs.every((pair) => !belongs(pair, at));
  return {
    pairs: pairs.map((pair) =>
      judge(
        pair,
        told.filter(({ at }) => belongs(pair, at)),
      ),
    ),
    falseOnes: told.filter(({ event, at }) => event === 'opened' && at >= from && isFree(at)).length,
  };
}

function planPairs(company: Company, random: Random, from: number, shift: number): Pair[] {
  return PAIRS.map(([first, second], place) => {
    const day = Math.floor(place / PAIRS_A_DAY);
    const at = from + (day * 1440 + 8 * 60 + (place % PAIRS_A_DAY) * APART) * MINUTE_MS;
    const gap = GAPS[(place + shift) % GAPS.length] ?? GAPS[0];
    const begin = at + gap * MINUTE_MS;
    return {
      name: `${first}, then ${second}`,
      gap,
      one: { id: `${place}a`, start: at, end: at + FIRST_MINUTES * MINUTE_MS, detect: true, ...KINDS[first](company, random) },
      two: { id: `${place}b`, start: begin, end: begin + SECOND_MINUTES * MINUTE_MS, detect: true, ...KINDS[second](company, random) },
    };
  });
}

/** The merchants and acquirers of a minute as the window stage counts them; a correction brings none. */
const withSlices = (window: ClosedWindow): ClosedWindow =>
  window.revision > 0
    ? window
    : { ...window, slices: sliceCounts(window.cells.map((cell) => ({ ...cell, payment_method: '', card_bin: '', currency: 'BRL' }))) };

const belongs = ({ one, two }: Pair, at: number): boolean => at >= one.start && at < Math.max(one.end, two.end) + AFTER * MINUTE_MS;

function judge({ name, gap, one, two }: Pair, told: readonly Reported[]): JudgedPair {
  const naming = (incident: SimulatedIncident) => told.find(({ at, anomaly }) => at >= incident.start && names(incident, anomaly));
  const [first, second] = [naming(one), naming(two)];
  const delay = (found: Reported | undefined, { start }: SimulatedIncident): number | null =>
    found === undefined ? null : (found.at - start) / MINUTE_MS;
  const opened = told.filter(({ event }) => event === 'opened').length;
  return {
    name,
    gap,
    first: delay(first, one),
    second: delay(second, two),
    isOwn: second !== undefined && second.anomaly.id !== first?.anomaly.id,
    extra: Math.max(0, opened - 2),
  };
}

const TYPES: Partial<Record<IncidentType, RegExp>> = {
  merchant_down: /zero|low_volume|no_data/,
  acquirer_down: /failures|approval|denials/,
  denial_burst: /denials/,
  reversal_storm: /reversals/,
};

/** Whether an anomaly says what an incident is: its kind, its code and its place, and no other place. */
function names({ type, slice }: SimulatedIncident, { type: told, node, slice: cause }: Anomaly): boolean {
  const said = { ...cause, ...node };
  const isPlace =
    slice.merchant_id === undefined ? type === 'acquirer_down' || said.merchant_id === undefined : said.merchant_id === slice.merchant_id;
  const isAcquirer =
    slice.acquirer === undefined ? slice.merchant_id !== undefined || said.acquirer === undefined : said.acquirer === slice.acquirer;
  const isCode = slice.auth_code === undefined || said.auth_code === slice.auth_code;
  return TYPES[type]?.test(told) === true && isPlace && isAcquirer && isCode;
}
