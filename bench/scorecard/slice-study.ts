import type { Anomaly, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import { CARD_RANGES, createCompany } from '../../src/simulate/company.ts';
import { planIncidents, type SimulatedIncident, type IncidentType } from '../../src/simulate/incidents.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { addTransaction, cellsOf, createCellFinder, createTally, withSlices } from '../../src/window/tally.ts';
import { createDefaultDetector } from './data-files.ts';
import { createAnomalyList } from './simulated-windows.ts';

/** What breaks in turn: slices of one and two dimensions, and, to see that none is named in vain, wider ones. */
const TYPES: readonly IncidentType[] = [
  'method_down',
  'bin_denials',
  'acquirer_method_down',
  'bin_range_denials',
  'acquirer_down',
  'denial_burst',
  'merchant_down',
];

/** One incident: whether an anomaly opened in it, and what place the first one named in the end. `isExact`: that place is the
 *  one that broke and nothing else. */
export interface Placed {
  readonly incident: SimulatedIncident;
  readonly isCaught: boolean;
  readonly isExact: boolean;
  readonly told: Slice;
  /** Anomalies that opened in it. */
  readonly opened: number;
}

/** Plays single transactions of a small company with slices that break, and reads which slice was named. */
export function runSlices({ seed, days }: { readonly seed: string; readonly days: number }): Placed[] {
  const company = createCompany({ seed, merchants: 12 });
  const start = Date.UTC(2026, 2, 2, 3);
  const from = start + 1440 * MINUTE_MS;
  const end = from + days * 1440 * MINUTE_MS;
  const incidents = planIncidents(company, { seed, start: from, end, types: TYPES, everyMinutes: 75 });
  const detector = createDefaultDetector();
  const list = createAnomalyList();
  const minutes = (end - start) / MINUTE_MS;
  const options = {
    seed,
    start,
    minutes,
    timeZone: 'America/Sao_Paulo',
    company,
    incidents,
    lateShare: 0,
    duplicateShare: 0,
    volume: 0.15,
  };
  let sequence = 0;
  for (const { minute, transactions } of simulate({ ...options, form: 'records' })) {
    const tally = createTally(minute);
    const find = createCellFinder();
    for (const row of transactions) addTransaction(tally, { ...RECORD, ...row, count: row.count ?? 1, id: '' }, find);
    const head = { v: 1, sequence: ++sequence, minute, revision: 0, state: tally.isObserved ? 'observed' : 'zero' } as const;
    const window = { ...head, cells: cellsOf(tally), ...withSlices(tally), late: 0, backfill: false, closed_at: minute + MINUTE_MS };
    list.add(detector.step(window).events);
  }
  return incidents.map((incident) => placed(incident, list.all()));
}

const RECORD = {
  v: 1,
  kind: 'transaction',
  client_id: true,
  content_hash: '',
  occurred_at: 0,
  ingested_at: 0,
  source: '',
  backfill: false,
} as const;

function placed(incident: SimulatedIncident, anomalies: readonly Anomaly[]): Placed {
  const inside = anomalies.filter(({ detected_at }) => Date.parse(detected_at) >= incident.start && Date.parse(detected_at) < incident.end);
  const first = inside.toSorted((a, b) => a.detected_at.localeCompare(b.detected_at))[0];
  const told = first === undefined ? {} : placeOf({ ...first.slice, ...first.node });
  const wanted = placeOf(incident.slice);
  const isExact = ['acquirer', 'merchant_id', 'payment_method'].every((field) => told[field as 'acquirer'] === wanted[field as 'acquirer']);
  return {
    incident,
    isCaught: first !== undefined,
    isExact: isExact && cardsOf(told.card_bin) === cardsOf(wanted.card_bin),
    told,
    opened: inside.length,
  };
}

const placeOf = ({ acquirer, merchant_id, payment_method, card_bin }: Slice): Slice => ({
  ...(acquirer === undefined ? {} : { acquirer }),
  ...(merchant_id === undefined ? {} : { merchant_id }),
  ...(payment_method === undefined ? {} : { payment_method }),
  ...(card_bin === undefined ? {} : { card_bin }),
});

/** The BINs that digits stand for: two ranges with the same cards are the same. */
const cardsOf = (digits: string | undefined): string =>
  digits === undefined ? '' : CARD_RANGES.flatMap(({ bins }) => bins.filter((bin) => bin.startsWith(digits))).join();
