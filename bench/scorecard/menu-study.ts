import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { createCompany } from '../../src/simulate/company.ts';
import { INCIDENT_TYPES, planIncidents, type SimulatedIncident, type IncidentType } from '../../src/simulate/incidents.ts';
import { createRandom } from '../../src/simulate/random.ts';
import { createDefaultDetector, type MakeDetector } from './data-files.ts';
import { createAnomalyList, simulatedWindows } from './simulated-windows.ts';
import { MINUTE_MS } from '../../src/clock.ts';

const DAY_MS = 1440 * MINUTE_MS;
/** Anomalies that open this long after an incident still belong to it. */
const AFTER_MS = 15 * MINUTE_MS;

/** One incident of the ground truth and what was said of it. `delay`: minutes from its start, null when it was missed. */
export interface Judged {
  readonly incident: SimulatedIncident;
  readonly delay: number | null;
  /** The first anomaly names the cause. */
  readonly isNamed: boolean;
  /** Anomalies that opened in it or just after it. */
  readonly opened: number;
}

export interface MenuRun {
  readonly judged: readonly Judged[];
  /** Anomalies that opened when nothing was wrong, in the days with incidents. */
  readonly falseOnes: readonly Anomaly[];
  readonly days: number;
  readonly merchants: number;
}

export interface MenuOptions {
  readonly seed: string;
  readonly merchants: number;
  /** Days to learn, then days with incidents. */
  readonly learnDays: number;
  readonly days: number;
  /** Makes the detector (default: the product's). */
  readonly make?: MakeDetector;
}

/** Plays a company with the whole menu of incidents, about every two and a half hours at any time of day, and
 *  compares what the detector opened with the truth. */
export function runMenu({ seed, merchants, learnDays, days, make = createDefaultDetector }: MenuOptions): MenuRun {
  const company = createCompany({ seed, merchants });
  const start = Date.UTC(2026, 2, 2, 3);
  const from = start + learnDays * DAY_MS;
  const incidents = planIncidents(company, { seed, start: from, end: from + days * DAY_MS, types: shuffledTypes(seed), everyMinutes: 150 });
  const detector = make();
  const list = createAnomalyList();
  const options = { seed, start, minutes: (learnDays + days) * 1440, timeZone: 'America/Sao_Paulo', company, incidents };
  for (const window of simulatedWindows(options)) list.add(detector.step(window).events);
  const anomalies = list.all().filter(({ detected_at }) => Date.parse(detected_at) >= from);
  const belongs = (anomaly: Anomaly, { start: begin, end }: SimulatedIncident): boolean => {
    const at = Date.parse(anomaly.detected_at);
    return at >= begin && at < end + AFTER_MS;
  };
  return {
    judged: incidents.map((incident) =>
      judge(
        incident,
        anomalies.filter((anomaly) => belongs(anomaly, incident)),
      ),
    ),
    falseOnes: anomalies.filter((anomaly) => !incidents.some((incident) => belongs(anomaly, incident))),
    days,
    merchants,
  };
}

/** Types in random order, so that each of them happens at every time of day. */
function shuffledTypes(seed: string): IncidentType[] {
  const random = createRandom(`types/${seed}`);
  return Array.from({ length: 500 }, () => INCIDENT_TYPES[random.below(INCIDENT_TYPES.length)] ?? 'total_outage');
}

function judge(incident: SimulatedIncident, anomalies: readonly Anomaly[]): Judged {
  const hits = anomalies.filter(({ detected_at }) => Date.parse(detected_at) < incident.end);
  const at = Math.min(...hits.map(({ detected_at }) => Date.parse(detected_at)));
  const first = hits.filter(({ detected_at }) => Date.parse(detected_at) === at);
  return {
    incident,
    delay: hits.length === 0 ? null : (at - incident.start) / MINUTE_MS,
    isNamed: first.some((anomaly) => isNamed(incident, anomaly)),
    opened: anomalies.length,
  };
}

const VOLUME: ReadonlySet<string> = new Set(['zero_transactions', 'low_volume', 'no_data']);

/** Whether an anomaly says what an incident was: the slice it happened in, or the volume of everybody. */
function isNamed({ type, slice }: SimulatedIncident, { type: told, node, slice: cause }: Anomaly): boolean {
  const says = (key: 'acquirer' | 'auth_code' | 'merchant_id' | 'status', value: string | undefined): boolean =>
    value !== undefined && (node[key] === value || cause[key] === value);
  const checks: Partial<Record<IncidentType, () => boolean>> = {
    total_outage: () => VOLUME.has(told) && node.merchant_id === undefined && node.acquirer === undefined,
    slow_decay: () => VOLUME.has(told) && node.merchant_id === undefined && node.acquirer === undefined,
    acquirer_down: () => says('acquirer', slice.acquirer),
    denial_burst: () => says('auth_code', slice.auth_code),
    reversal_storm: () => told === 'reversals_above_normal',
    merchant_down: () => says('merchant_id', slice.merchant_id),
    promotion: () => false,
  };
  return checks[type]?.() ?? false;
}
