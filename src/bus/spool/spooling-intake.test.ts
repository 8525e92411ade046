import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { detailOf } from '@transaction-guardian/contracts/text/part-text.ts';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import { GuardianError } from '../../errors.ts';
import { until } from '../../test-until.ts';
import type { OutRecord } from '../bus.ts';
import { openSpool, type Spool } from './spool.ts';
import { createSpoolingIntake, type SpoolingIntake } from './spooling-intake.ts';

const TOPIC = TOPICS.transactions;
const log = pino({ level: 'silent' });
const clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** A log that is away, hangs or works, and what it has. */
function createFlakyLog() {
  const log = {
    state: 'up' as 'up' | 'away' | 'hangs' | 'refuses',
    stored: [] as string[],
    async publish(_topic: Topic, records: readonly OutRecord[]): Promise<void> {
      await new Promise((resolve) => setImmediate(resolve));
      if (log.state === 'away') throw new GuardianError('BUS_UNAVAILABLE', 'the brokers are away', { retryable: true });
      if (log.state === 'refuses') throw new GuardianError('BUS_RECORD_TOO_LARGE', 'too large');
      if (log.state === 'hangs') return new Promise(() => undefined);
      log.stored.push(...records.map(({ value }) => Buffer.from(value).toString()));
    },
  };
  return log;
}

interface Setting {
  readonly flaky: ReturnType<typeof createFlakyLog>;
  readonly open: (maxBytes?: number) => Promise<{ readonly intake: SpoolingIntake; readonly spool: Spool }>;
}

function withLog(fact: string, work: (setting: Setting) => Promise<void>): void {
  it(fact, { timeout: 120_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'guardian-spooling-'));
    const flaky = createFlakyLog();
    const opened: SpoolingIntake[] = [];
    const open = async (maxBytes = 10_000_000) => {
      const spool = await openSpool({ dir: join(dir, 'spool'), maxBytes, fileBytes: 4000, clock, log, metrics: new Registry() });
      const intake = createSpoolingIntake({ intake: flaky, spool, clock, log, patienceMs: 500, retryMs: 5, maxRetryMs: 20 });
      intake.start();
      opened.push(intake);
      return { intake, spool };
    };
    try {
      await work({ flaky, open });
    } finally {
      flaky.state = 'up';
      for (const intake of opened) await intake.stop(0);
      rmSync(dir, { recursive: true, force: true });
    }
  });
}

const send = (intake: SpoolingIntake, n: number): Promise<unknown> =>
  intake.publish(TOPIC, [{ key: 'm-1', value: Buffer.from(String(n)), headers: {} }]);
const numbers = (count: number): string[] => Array.from({ length: count }, (_, n) => String(n));

describe('a log with a spool before it', () => {
  it('who sends does not wait for a log that takes what is left slowly', { timeout: 120_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'guardian-spooling-'));
    const stored: string[] = [];
    let isAway = true;
    const pending: (() => void)[] = [];
    /** Takes each publish when the test says so. */
    const slow = {
      async publish(_topic: Topic, records: readonly OutRecord[]): Promise<void> {
        if (isAway) throw new GuardianError('BUS_UNAVAILABLE', 'the brokers are away', { retryable: true });
        await new Promise<void>((resolve) => pending.push(resolve));
        stored.push(...records.map(({ value }) => Buffer.from(value).toString()));
      },
    };
    const spool = await openSpool({ dir: join(dir, 'spool'), maxBytes: 10_000_000, fileBytes: 100, clock, log, metrics: new Registry() });
    // A file is taken within the patience, all of them are not.
    const intake = createSpoolingIntake({ intake: slow, spool, clock, log, patienceMs: 1000, retryMs: 5, maxRetryMs: 20 });
    intake.start();
    let takes: NodeJS.Timeout | undefined;
    try {
      for (let n = 0; n < 30; n += 1) await send(intake, n);
      isAway = false;
      await until(() => pending.length === 1, 'the first file');
      pending.shift()?.();
      // From the second file on what comes waits for the rest.
      await until(() => pending.length === 1, 'the second file');
      let isAnswered = false;
      const answer = send(intake, 30).then(() => void (isAnswered = true));
      takes = setInterval(() => pending.shift()?.(), 300);
      await until(() => isAnswered, 'the answer');
      assert.equal(spool.isEmpty(), false, 'it was answered before the rest was taken');
      await answer;
      clearInterval(takes);
      takes = setInterval(() => pending.shift()?.(), 1);
      await until(() => intake.health().status === 'ok', 'the end of the spool');
      assert.deepEqual(new Set(stored), new Set(numbers(31)));
      assert.equal(stored.at(-1), '30');
    } finally {
      clearInterval(takes);
      isAway = true;
      for (const resolve of pending.splice(0)) resolve();
      await intake.stop(0);
      rmSync(dir, { recursive: true, force: true });
    }
  });

  withLog('holds what comes while the log is away, and hands it over in order before what comes later', async ({ flaky, open }) => {
    const { intake, spool } = await open();
    for (let n = 0; n < 10; n += 1) await send(intake, n);
    assert.deepEqual([intake.health().status, spool.state().records], ['ok', 0]);
    flaky.state = 'away';
    for (let n = 10; n < 200; n += 1) await send(intake, n);
    assert.equal(spool.state().records, 190);
    assert.match(detailOf(intake.health()), /190 accepted records are spooled.*the brokers are away/);
    flaky.state = 'up';
    for (let n = 200; n < 400; n += 1) await send(intake, n);
    await until(() => intake.health().status === 'ok');
    await send(intake, 400);
    assert.deepEqual(flaky.stored, numbers(401));
  });

  withLog('goes back to the log under load that does not pause, also when that fails in between', async ({ flaky, open }) => {
    const { intake } = await open();
    const accepted: Promise<unknown>[] = [];
    for (let n = 0; n < 3000; n += 1) {
      accepted.push(send(intake, n));
      if (n % 500 === 100) flaky.state = 'away';
      if (n % 500 === 300) flaky.state = 'up';
      if (n % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    flaky.state = 'up';
    await Promise.all(accepted);
    await until(() => intake.health().status === 'ok');
    assert.deepEqual(new Set(flaky.stored), new Set(numbers(3000)));
  });

  withLog('does not wait for a log that hangs', async ({ flaky, open }) => {
    const { intake, spool } = await open();
    flaky.state = 'hangs';
    await Promise.all([send(intake, 0), send(intake, 1)]);
    await send(intake, 2);
    assert.equal(spool.state().records, 3);
  });

  withLog('what the log never takes is refused, not spooled', async ({ flaky, open }) => {
    const { intake, spool } = await open();
    flaky.state = 'refuses';
    await assert.rejects(send(intake, 0), { code: 'BUS_RECORD_TOO_LARGE' });
    assert.equal(spool.isEmpty(), true);
  });

  withLog('refuses what it cannot hold, and what it answered is handed over', async ({ flaky, open }) => {
    const { intake } = await open(2000);
    flaky.state = 'away';
    let accepted = 0;
    await assert.rejects(
      async () => {
        for (let n = 0; n < 100; n += 1) {
          await send(intake, n);
          accepted += 1;
        }
      },
      { code: 'BUS_UNAVAILABLE', retryable: true },
    );
    assert.equal(intake.health().status, 'down');
    flaky.state = 'up';
    await until(() => intake.health().status === 'ok');
    assert.deepEqual(flaky.stored, numbers(accepted));
    await send(intake, accepted);
  });

  withLog('a spool that is switched off answers with the failure of the log', async ({ flaky, open }) => {
    const { intake } = await open(0);
    flaky.state = 'away';
    await assert.rejects(send(intake, 0), /the brokers are away/);
    flaky.state = 'up';
    await send(intake, 1);
  });

  withLog('a spool that was switched off since holds nothing back while it is drained', async ({ flaky, open }) => {
    const { intake } = await open();
    flaky.state = 'away';
    for (let n = 0; n < 5; n += 1) await send(intake, n);
    await intake.stop(0);
    const next = await open(0);
    await assert.rejects(send(next.intake, 5), /the brokers are away/);
    flaky.state = 'up';
    await send(next.intake, 5);
    await until(() => next.intake.health().status === 'ok');
    assert.deepEqual(flaky.stored.toSorted(), numbers(6));
  });

  withLog('the next run drains what a run has left that ended while the log was away', async ({ flaky, open }) => {
    const { intake } = await open();
    flaky.state = 'away';
    for (let n = 0; n < 30; n += 1) await send(intake, n);
    await intake.stop(0);
    const next = await open();
    assert.equal(next.intake.health().status, 'degraded');
    await send(next.intake, 30);
    flaky.state = 'up';
    await until(() => next.intake.health().status === 'ok');
    assert.deepEqual(flaky.stored, numbers(31));
  });
});
