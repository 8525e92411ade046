import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { createCompany } from '../../src/simulate/company.ts';
import { createDefaultDetector, type MakeDetector } from './data-files.ts';
import { createAnomalyList, simulatedWindows } from './simulated-windows.ts';

const DAY_MS = 86_400_000;

export interface NullOptions {
  readonly seed: string;
  readonly merchants: number;
  readonly days: number;
  readonly timeZone?: string;
  /** First minute (default: midnight of a Monday in Sao Paulo). */
  readonly start?: number;
  /** Makes the detector (default: the product's). */
  readonly make?: MakeDetector;
}

export interface NullRun {
  /** Anomalies of merchants and of everything above them, by day from the first. */
  readonly merchantOnes: readonly Anomaly[];
  readonly upperOnes: readonly Anomaly[];
  readonly merchantDays: number;
  readonly days: number;
  /** Day (from 0) of an anomaly. */
  dayOf(anomaly: Anomaly): number;
}

/** Plays a company in which nothing goes wrong: daily and weekly curves, drift, late rows. Everything that opens is false. */
export function runNull(options: NullOptions): NullRun {
  const { seed, merchants, days, timeZone = 'America/Sao_Paulo', start = Date.UTC(2026, 2, 2, 3), make = createDefaultDetector } = options;
  const company = createCompany({ seed, merchants });
  const detector = make();
  const list = createAnomalyList();
  for (const window of simulatedWindows({ seed, start, minutes: days * 1440, timeZone, company })) list.add(detector.step(window).events);
  const all = list.all();
  const isMerchant = ({ node }: Anomaly): boolean => node.merchant_id !== undefined;
  return {
    merchantOnes: all.filter(isMerchant),
    upperOnes: all.filter((anomaly) => !isMerchant(anomaly)),
    merchantDays: merchants * days,
    days,
    dayOf: ({ detected_at }) => Math.floor((Date.parse(detected_at) - start) / DAY_MS),
  };
}
