import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { Anomaly, MinuteScore } from '@transaction-guardian/contracts/anomaly.ts';
import type { Series } from '@transaction-guardian/contracts/read.ts';
import { detectorFactory } from '../../src/app/detector-factory.ts';
import { loadConfig } from '../../src/config/config-load.ts';
import { backtest } from '../../src/backtest/backtest.ts';
import { readBacktestRows } from '../../src/cli/backtest-rows.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import { MAIN, waitFor, type Product } from './product.ts';

const NODES = ['fleet', 'approved', 'denied', 'failed', 'reversed', 'backend_reversed', 'refunded'];
/** Minutes of one request for a series. */
const PAGE_MINUTES = 2 * 1440;
const NEAR = 1e-9;
/** What the last minutes may need after the end of a file. */
const PATIENCE_MS = 120_000;

/** What a detector said of a stretch of time. `bands`: what the chart shows of a minute, by `node minute`; only scored ones. */
export interface Verdicts {
  /** First and last minute, epoch milliseconds. */
  readonly first: number;
  readonly last: number;
  readonly anomalies: readonly Anomaly[];
  readonly bands: ReadonlyMap<string, Band>;
}
export type Band = Pick<MinuteScore, 'expected' | 'low' | 'high' | 'z_score' | 'ml_score'>;

const key = (node: string, minute: number): string => `${node} ${new Date(minute).toISOString()}`;

/** What `guardian backtest` decides on a file of counts with the default configuration. */
export async function backtestVerdicts(file: string): Promise<Verdicts> {
  const { config } = loadConfig({ env: {}, cwd: import.meta.dirname });
  const factory = detectorFactory(config);
  const anomalies = new Map<string, Anomaly>();
  const bands = new Map<string, Band>();
  const minutes: number[] = [];
  const rows = backtest(readBacktestRows(createReadStream(file), { timeZone: config.time_zone }), {
    format: 'counts',
    timeZone: config.time_zone,
    maxGapMinutes: config.window.max_gap_minutes,
    createDetector: () => factory.create(null),
    onMinute: (minute, { events, scores }) => {
      minutes.push(minute);
      for (const { anomaly } of events) anomalies.set(anomaly.id, structuredClone(anomaly));
      for (const score of scores) if (score.state !== 'learning' && score.state !== 'no_data') bands.set(key(score.node, minute), score);
    },
  });
  while ((await rows.next()).done !== true) continue;
  return { first: minutes[0] ?? 0, last: minutes.at(-1) ?? 0, anomalies: [...anomalies.values()], bands };
}

/** How a file is played. `progress`: where the command shows it. */
export interface Playing {
  readonly dataDir: string;
  readonly speed: string;
  readonly progress: 'inherit' | 'ignore';
}

/** Plays a file into the product as a user does, and gives the exit code of the command. */
export async function replayFile(product: Product, file: string, { dataDir, speed, progress }: Playing): Promise<number> {
  const flags = ['--speed', speed, '--url', product.address, '--data_dir', dataDir];
  const child = spawn(process.execPath, [MAIN, 'replay', file, ...flags], { stdio: ['ignore', 'ignore', progress] });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

/** Waits until a minute (epoch milliseconds) is counted and scored. */
export async function scoredUpTo(product: Product, minute: number): Promise<void> {
  const since = new Date(minute).toISOString();
  await waitFor(async () => {
    const { items } = await product.get<{ items: { expected: number | null }[] }>(`/series?since=${since}`).catch(() => ({ items: [] }));
    return items.some(({ expected }) => expected !== null) ? true : undefined;
  }, PATIENCE_MS);
}

/** What a running product says of the same stretch of time, over HTTP. */
export async function productVerdicts(product: Pick<Product, 'get'>, { first, last }: Pick<Verdicts, 'first' | 'last'>): Promise<Verdicts> {
  const { items: anomalies } = await product.get<{ items: Anomaly[] }>('/anomalies?limit=1000');
  const bands = new Map<string, Band>();
  for (const name of NODES) {
    const node = name === 'fleet' ? name : `status:${name}`;
    for (let from = first; from <= last; from += PAGE_MINUTES * MINUTE_MS) {
      const until = Math.min(from + PAGE_MINUTES * MINUTE_MS, last + MINUTE_MS);
      const range = `since=${new Date(from).toISOString()}&until=${new Date(until).toISOString()}`;
      const { items } = await product.get<Series>(`/series?node=${node}&${range}`);
      for (const { minute, expected, expected_low: low, expected_high: high, z_score, ml_score } of items)
        if (expected !== null)
          bands.set(`${node} ${minute}`, {
            expected,
            low: low ?? NaN,
            high: high ?? NaN,
            z_score: z_score ?? NaN,
            ml_score: ml_score ?? NaN,
          });
    }
  }
  return { first, last, anomalies, bands };
}

/** In what two verdicts differ, in words: anomalies by type, node, minutes and numbers; bands minute by minute where both
 *  have one, and where only one has. */
export function differences(wanted: Verdicts, got: Verdicts): string[] {
  const before = new Set(wanted.anomalies.map(lineOf));
  const after = new Set(got.anomalies.map(lineOf));
  const found = [
    ...[...before].filter((line) => !after.has(line)).map((line) => `only in the backtest: ${line}`),
    ...[...after].filter((line) => !before.has(line)).map((line) => `only in the product: ${line}`),
  ];
  for (const [at, band] of wanted.bands) {
    const other = got.bands.get(at);
    if (other === undefined) found.push(`${at}: no band in the product`);
    else if (!isSame(band, other))
      found.push(`${at}: ${JSON.stringify(pick(band))} in the backtest, ${JSON.stringify(pick(other))} in the product`);
  }
  for (const at of got.bands.keys()) if (!wanted.bands.has(at)) found.push(`${at}: no band in the backtest`);
  return found;
}

function lineOf(one: Anomaly): string {
  const node = Object.values(one.node).join(':');
  const times = [one.started_at, one.detected_at, one.resolved_at ?? 'open'].map((time) => time.slice(0, 16)).join(' ');
  const numbers = [one.z_score, one.peak.z_score, one.observed, one.expected, one.lost_transactions].map((value) => value.toPrecision(9));
  return [one.type, node, one.severity, times, ...numbers].join(' ');
}

const pick = ({ expected, low, high, z_score, ml_score }: Band): readonly number[] => [expected, low, high, z_score, ml_score];

const isSame = (one: Band, other: Band): boolean =>
  pick(one).every((value, index) => Math.abs(value - (pick(other)[index] ?? Number.NaN)) <= NEAR * Math.max(1, Math.abs(value)));
