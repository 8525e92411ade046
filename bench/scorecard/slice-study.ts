import type { Anomaly, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import { CARD_RANGES, createCompany } from '../../src/simulate/company.ts';
import { planIncidents, type SimulatedIncident, type IncidentType } from '../../src/simulate/incidents.ts';
import { createDefaultDetector } from './data-files.ts';
import { createAnomalyList, windowsOfRecords } from './simulated-windows.ts';

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
  const options = { seed, start, minutes, timeZone: 'America/Sao_Paulo', company, incidents, volume: 0.15 };
  for (const { window } of windowsOfRecords(options)) list.add(detector.step(window).events);
  return incidents.map((incident) => placed(incident, list.all()));
}

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
