import type { HealthReason } from '@transaction-guardian/contracts/health-reason.ts';
import { Gauge, type Registry } from 'prom-client';
import { CANARY_GROUP } from './canary.ts';
import type { StageHealth } from '../stage.ts';
import type { Database } from '../store/database.ts';
import { readCanarySeconds, readLastProofs, readPageTimes, type PageTimes } from '../store/verbs/proof/deliveries.ts';

/** Which receivers are reported, and how old the proof of which of them may be. Milliseconds. */
export interface ReportOptions {
  readonly receivers: readonly { readonly name: string; readonly kind: string }[];
  /** Receivers that get a canary, and how old their last proof may be; null without one. */
  readonly canary: { readonly receivers: readonly string[]; readonly maxAgeMs: number } | null;
}

/** What is proven of deliveries, as metrics and as health. */
export interface ProofReport {
  /** Reads it. Throws STORE_UNAVAILABLE. */
  look(now: number): Promise<void>;
  health(): StageHealth;
}

const TIMES_EVERY_MS = 60_000;
const DAY_MS = 86_400_000;

/** Creates the report. Where a canary is configured, nothing counts as well before its receivers are proven to have had it. */
export function createProofReport(database: Database, registry: Registry, { receivers, canary }: ReportOptions): ProofReport {
  const registers = [registry];
  const proven = new Gauge({
    name: 'guardian_last_proven_delivery_timestamp_seconds',
    help: 'When a receiver is last proven to have had a message; 0 for never.',
    labelNames: ['receiver', 'channel'],
    registers,
  });
  const seconds = new Gauge({
    name: 'guardian_page_seconds',
    help: 'Time of alerts of the last day, from the end of the bad minute to detection, from there to the receipt, and both.',
    labelNames: ['stage', 'quantile'],
    registers,
  });
  const through = new Gauge({
    name: 'guardian_canary_seconds',
    help: 'Time of the newest test transaction from its acceptance through counting and detection to the receipt of its page.',
    labelNames: ['receiver'],
    registers,
  });
  let last: ReadonlyMap<string, number | null> = new Map();
  let lookedAt = 0;
  let timesAt = 0;
  let times: PageTimes | null = null;

  /** Reads it again once something more is proven. */
  async function readCanary(before: ReadonlyMap<string, number | null>): Promise<void> {
    if (canary === null || canary.receivers.every((receiver) => last.get(receiver) === before.get(receiver))) return;
    for (const [receiver, took] of await readCanarySeconds(database, CANARY_GROUP)) through.set({ receiver }, took);
  }

  async function readTimes(now: number): Promise<void> {
    if (now - timesAt < TIMES_EVERY_MS) return;
    timesAt = now;
    times = await readPageTimes(database, now - DAY_MS);
    for (const stage of ['detection', 'receipt', 'total'] as const) {
      const both = times[stage];
      if (both === null) continue;
      seconds.set({ stage, quantile: '0.5' }, both.p50);
      seconds.set({ stage, quantile: '0.99' }, both.p99);
    }
  }

  return {
    async look(now) {
      const before = last;
      last = await readLastProofs(
        database,
        receivers.map(({ name }) => name),
      );
      for (const { name, kind } of receivers) proven.set({ receiver: name, channel: kind }, (last.get(name) ?? 0) / 1000);
      lookedAt = now;
      await readCanary(before);
      await readTimes(now);
    },
    health() {
      if (lookedAt === 0 && canary !== null) return { status: 'degraded', reasons: [{ code: 'part_unproven', params: {} }] };
      if (receivers.length === 0 || lookedAt === 0) return { status: 'ok' };
      const isStale = canary?.receivers.some((name) => lookedAt - (last.get(name) ?? 0) > canary.maxAgeMs) === true;
      const ages = receivers.map(({ name }) => ageReason(name, last.get(name) ?? null, lookedAt));
      return { status: isStale ? 'degraded' : 'ok', reasons: [...ages, ...timesReasons(times)] };
    },
  };
}

/** Nothing before the first alert. */
function timesReasons(times: PageTimes | null): HealthReason[] {
  if (times === null || times.total === null) return [];
  const { p50, p99 } = times.total;
  return [{ code: 'part_page_times', params: { half: Math.round(p50), most: Math.round(p99), alerts: times.alerts } }];
}

function ageReason(receiver: string, at: number | null, now: number): HealthReason {
  if (at === null) return { code: 'part_proof_never', params: { receiver } };
  return { code: 'part_proof_age', params: { receiver, seconds: Math.max(0, Math.round((now - at) / 1000)) } };
}
