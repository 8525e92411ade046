import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthReason } from '@transaction-guardian/contracts/health-reason.ts';
import { spanText } from '@transaction-guardian/contracts/text/render-text.ts';
import type { Bus } from '../bus/bus.ts';
import { GuardianError } from '../errors.ts';
import type { Judgement } from '../read/judgement.ts';
import type { StageHealth } from '../stage.ts';
import type { Database } from '../store/database.ts';
import { createHealthReport } from './health-report.ts';

test('an uptime is written in its two or three largest units', () => {
  assert.deepEqual([0, 5, 725, 15_120, 273_720, 86_400].map(spanText), ['0s', '5s', '12m 5s', '4h 12m', '3d 4h 2m', '1d 0h 0m']);
});

const OK: StageHealth = { status: 'ok' };
const AWAY: HealthReason = { code: 'failure_log', params: { message: 'the brokers are away' } };
const SPOOLED: HealthReason = { code: 'part_spooled', params: { records: 3, bytes: 9, most: 10, seconds: 62 }, cause: AWAY };
const SPOOLED_TEXT = '3 accepted records are spooled (9 of 10 bytes, the oldest for 1m 2s): the brokers are away';

const worker = (hasEnded: boolean) => ({
  ...{ name: 'window.1', role: 'window', pid: hasEnded ? null : 7, restarts: 0, ends: hasEnded ? 1 : 0, failing: false },
  ...{ phase: hasEnded ? ('waiting' as const) : ('running' as const), last_end: hasEnded ? 'SIGKILL' : null },
});

/** A report of an API whose log is away, with the stages of other processes. */
function reportOf(facts: {
  readonly publishing?: StageHealth;
  readonly spool?: StageHealth;
  readonly stage?: StageHealth;
  readonly ended?: boolean;
  readonly judgement?: () => Promise<Judgement>;
}) {
  const away = async (): Promise<never> => {
    throw new GuardianError('BUS_UNAVAILABLE', 'the brokers are away', { retryable: true });
  };
  const { spool } = facts;
  return createHealthReport({
    behind: {
      started: Promise.resolve(),
      database: { query: async () => [] } as unknown as Database,
      checks: () => ({ window: facts.stage ?? OK }),
      standstill: () => undefined,
    },
    bus: { ranges: away } as unknown as Bus,
    clock: { now: () => 0, monotonic: () => 0 },
    version: '2',
    publishing: () => facts.publishing ?? OK,
    spool: spool === undefined ? undefined : () => spool,
    processes: () => [worker(facts.ended === true)],
    ...{ disk: undefined, data: undefined },
    judgement: facts.judgement ?? (async () => ({ state: 'current', until: null, minutesBehind: 0, closedWaiting: 0 })),
  });
}

test('without a spool a log that is away makes the API unhealthy, and not ready', async () => {
  const report = reportOf({});
  const { status, checks } = await report.health();
  assert.deepEqual([status, checks['log']], ['unhealthy', { status: 'down', detail: 'the brokers are away', reasons: [AWAY] }]);
  assert.equal((await report.ready()).status, 'not_ready');
});

test('with a spool it is degraded, and takes what comes also while the stages are down', async () => {
  const spooling: StageHealth = { status: 'degraded', reasons: [SPOOLED] };
  for (const [spool, detail, reason] of [
    [OK, 'the brokers are away', AWAY],
    [spooling, SPOOLED_TEXT, SPOOLED],
  ] as const) {
    const report = reportOf({ spool, stage: { status: 'down', reasons: [AWAY] } });
    const { status, checks } = await report.health();
    assert.deepEqual([status, checks['log']], ['degraded', { status: 'degraded', detail, reasons: [reason] }]);
    assert.deepEqual(await report.ready(), { status: 'ready', reasons: [] });
  }
});

test('a spool that is full, or that the disk refuses, is a log that is down', async () => {
  const full: StageHealth = { status: 'down', reasons: [SPOOLED] };
  for (const facts of [{ spool: full }, { spool: OK, publishing: full }]) {
    const report = reportOf(facts);
    const { status, checks } = await report.health();
    assert.deepEqual([status, checks['log']], ['unhealthy', { ...full, detail: SPOOLED_TEXT }]);
    assert.deepEqual(await report.ready(), { status: 'not_ready', reasons: [`log: ${SPOOLED_TEXT}`] });
  }
});

test('a process that has just been killed is named before its reports are stale', async () => {
  const checksOf = async (ended: boolean) => (await reportOf({ spool: OK, ended }).health()).checks['process:window.1'];
  assert.equal(await checksOf(false), undefined);
  assert.deepEqual(await checksOf(true), {
    status: 'degraded',
    detail: 'ended with SIGKILL; it is being started again',
    reasons: [{ code: 'part_process_restarting', params: { end: 'SIGKILL' } }],
  });
});

test('whether it is ready does not wait for how far the detector is', async () => {
  const report = reportOf({ spool: OK, judgement: () => new Promise(() => undefined) });
  assert.deepEqual(await report.ready(), { status: 'ready', reasons: [] });
});
