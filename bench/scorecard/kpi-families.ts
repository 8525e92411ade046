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

/** The families of the synthetic suite, after what such data sets are said to hold. */
export const KPI_FAMILIES: readonly KpiFamily[] = [
  {
    name: 'page views',
    cadenceMs: MINUTE,
    days: 24,
    process: pageViews,
    directions: BOTH,
    freezes: true,
    bursts: true,
    curved: true,
    gaps: 'none',
  },
  {
    name: 'low counts',
    cadenceMs: MINUTE,
    days: 20,
    process: lowCounts,
    directions: [1],
    freezes: false,
    bursts: false,
    curved: false,
    gaps: 'none',
  },
  {
    name: 'latency',
    cadenceMs: MINUTE,
    days: 20,
    process: latency,
    directions: [1],
    freezes: true,
    bursts: true,
    curved: false,
    gaps: 'none',
  },
  {
    name: 'success rate',
    cadenceMs: MINUTE,
    days: 20,
    process: successRate,
    directions: [-1],
    freezes: false,
    bursts: false,
    curved: false,
    gaps: 'none',
  },
  {
    name: 'error counts',
    cadenceMs: MINUTE,
    days: 20,
    process: errors,
    directions: [1],
    freezes: false,
    bursts: false,
    curved: false,
    gaps: 'none',
  },
  {
    name: 'quantised gauge',
    cadenceMs: MINUTE,
    days: 20,
    process: quantised,
    directions: BOTH,
    freezes: false,
    bursts: true,
    curved: false,
    gaps: 'none',
  },
  {
    name: 'drifting',
    cadenceMs: MINUTE,
    days: 20,
    process: drifting,
    directions: BOTH,
    freezes: true,
    bursts: true,
    curved: false,
    gaps: 'none',
  },
  {
    name: 'stationary',
    cadenceMs: MINUTE,
    days: 20,
    process: stationary,
    directions: BOTH,
    freezes: true,
    bursts: true,
    curved: false,
    gaps: 'none',
  },
  {
    name: 'daily jobs',
    cadenceMs: MINUTE,
    days: 24,
    process: dailyJobs,
    directions: BOTH,
    freezes: true,
    bursts: true,
    curved: true,
    gaps: 'none',
  },
  {
    name: 'with holes',
    cadenceMs: MINUTE,
    days: 24,
    process: pageViews,
    directions: BOTH,
    freezes: true,
    bursts: true,
    curved: true,
    gaps: 'missing',
  },
  {
    name: 'holes filled',
    cadenceMs: MINUTE,
    days: 20,
    process: lowCounts,
    directions: [1],
    freezes: false,
    bursts: false,
    curved: false,
    gaps: 'filled',
  },
  {
    name: 'five minutes',
    cadenceMs: 5 * MINUTE,
    days: 75,
    process: pageViews,
    directions: BOTH,
    freezes: true,
    bursts: true,
    curved: true,
    gaps: 'none',
  },
  {
    name: 'hourly',
    cadenceMs: 60 * MINUTE,
    days: 200,
    process: pageViews,
    directions: BOTH,
    freezes: false,
    bursts: true,
    curved: false,
    gaps: 'none',
  },
];
