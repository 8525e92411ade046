import {
  dailyJobs,
  drifting,
  errors,
  latency,
  lowCounts,
  pageViews,
  quantised,
  stationary,
  successRate,
  type MakeProcess,
} from './kpi-process.ts';

/** A kind of series: how it behaves, how often it is read, how long it is, and what can go wrong with it. */
export interface KpiFamily {
  readonly name: string;
  readonly cadenceMs: number;
  readonly days: number;
  readonly process: MakeProcess;
  readonly directions: readonly (1 | -1)[];
  /** A flat line and a lost day curve can only be seen where there are noise and a curve. */
  readonly freezes: boolean;
  readonly bursts: boolean;
  readonly curved: boolean;
  /** How rows go missing: not at all, left out, or filled by a straight line. */
  readonly gaps: 'none' | 'missing' | 'filled';
}

const MINUTE = 60_000;
const BOTH = [1, -1] as const;

/** What most of them are: read every minute for three weeks, up and down, without a curve or holes. */
const USUAL = {
  cadenceMs: MINUTE,
  days: 20,
  directions: BOTH,
  freezes: true,
  bursts: true,
  curved: false,
  gaps: 'none',
} as const;

/** The families of the synthetic suite, after what such data sets are said to hold. */
export const KPI_FAMILIES: readonly KpiFamily[] = [
  {
    ...USUAL,
    name: 'page views',
    days: 24,
    process: pageViews,
    curved: true,
  },
  {
    ...USUAL,
    name: 'low counts',
    process: lowCounts,
    directions: [1],
    freezes: false,
    bursts: false,
  },
  {
    ...USUAL,
    name: 'latency',
    process: latency,
    directions: [1],
  },
  {
    ...USUAL,
    name: 'success rate',
    process: successRate,
    directions: [-1],
    freezes: false,
    bursts: false,
  },
  {
    ...USUAL,
    name: 'error counts',
    process: errors,
    directions: [1],
    freezes: false,
    bursts: false,
  },
  {
    ...USUAL,
    name: 'quantised gauge',
    process: quantised,
    freezes: false,
  },
  {
    ...USUAL,
    name: 'drifting',
    process: drifting,
  },
  {
    ...USUAL,
    name: 'stationary',
    process: stationary,
  },
  {
    ...USUAL,
    name: 'daily jobs',
    days: 24,
    process: dailyJobs,
    curved: true,
  },
  {
    ...USUAL,
    name: 'with holes',
    days: 24,
    process: pageViews,
    curved: true,
    gaps: 'missing',
  },
  {
    ...USUAL,
    name: 'holes filled',
    process: lowCounts,
    directions: [1],
    freezes: false,
    bursts: false,
    gaps: 'filled',
  },
  {
    ...USUAL,
    name: 'five minutes',
    cadenceMs: 5 * MINUTE,
    days: 75,
    process: pageViews,
    curved: true,
  },
  {
    ...USUAL,
    name: 'hourly',
    cadenceMs: 60 * MINUTE,
    days: 200,
    process: pageViews,
    freezes: false,
  },
];
