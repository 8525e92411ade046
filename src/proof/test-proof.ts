import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { CLAWDBOT, createAlertHarness, TIMES, type AlertHarness, type Sent } from '../alert/test-harness.ts';
import { escalateDue, type EscalateOptions } from '../oncall/escalate.ts';
import type { Database } from '../store/database.ts';
import { noteReceipt } from './receipt.ts';
import { passOn } from './pass-on.ts';
import { until } from '../test-until.ts';

type Outcome = Awaited<ReturnType<AlertHarness['answer']>>;
type Fault = (signal: AbortSignal) => Outcome | Promise<Outcome>;

/** Where the process dies in a send: it is noted and nothing has left; the receiver has the message and that is not noted; all is noted. */
export const KILL_POINTS = ['before send', 'before record', 'after record'] as const;

/** What a receiver took, and when. */
export interface Taken extends Sent {
  readonly at: number;
}

const ESCALATION: EscalateOptions = {
  policies: [
    {
      severities: ['critical'],
      steps: [
        { after_minutes: 100, receivers: ['boss'], schedules: [], people: [] },
        { after_minutes: 200, receivers: ['boss'], schedules: [], people: [] },
      ],
    },
  ],
  quiet: null,
  onCall: async () => [],
  nameOf: (id) => id,
  localeOf: () => 'pt-BR',
  externalUrl: '',
  ...TIMES,
};

/** A first channel with a second one, and a boss who hears of escalations; the clock, and what each answers, are the test's. */
export async function startProofRun(
  t: TestContext,
  database: Database,
  { receipts = false, escalates = true }: { readonly receipts?: boolean; readonly escalates?: boolean } = {},
) {
  await database.exec('truncate passed_on, receipt, escalation, escalation_step');
  const receivers = [
    { ...CLAWDBOT, name: 'first', backup: 'second', receipts },
    { ...CLAWDBOT, name: 'second' },
    { ...CLAWDBOT, name: 'boss', severities: ['info' as const] },
  ];
  const harness = await createAlertHarness(database, receivers);
  t.after(harness.release);
  const taken: Taken[] = [];
  let dying = Promise.withResolvers<void>();
  /** A send that the process does not outlive. */
  const hang = (signal: AbortSignal): Promise<Outcome> => {
    dying.resolve();
    return new Promise((settle) => signal.addEventListener('abort', () => settle({ kind: 'retry', error: 'given up', afterMs: 0 })));
  };
  let options = {
    ...{ receivers: new Map(receivers.map((receiver) => [receiver.name, receiver])), timeoutMs: 60_000 },
    ...{ repeatIntervalMs: TIMES.repeatIntervalMs, since: harness.now },
  };
  const run = {
    harness,
    first: (() => ({ kind: 'delivered' })) as Fault,
    second: (() => ({ kind: 'delivered' })) as Fault,
    /** Whether the first channel takes what it gives no answer to. */
    losesAnswers: false,
    /** Where the process dies in its next send; null: it does not. */
    dies: null as (typeof KILL_POINTS)[number] | null,
    isDead: false,
    taken,
    /** Starts again after a death. */
    restart: async (): Promise<void> => {
      [run.dies, run.isDead, dying] = [null, false, Promise.withResolvers<void>()];
      await harness.restart({ kill: true });
      await until(() => harness.worker.isCaughtUp(), 'the next process is ready');
      options = { ...options, since: harness.now };
    },
    /** Moves the clock, and all that looks at it, second by second; long waits in larger steps: what is due then was due for all of
     *  the step. `waits`: for the answers of receivers. */
    go: async (seconds: number, { waits = true }: { readonly waits?: boolean } = {}): Promise<void> => {
      const step = seconds > 100 ? 10 : 1;
      for (let second = 0; second < seconds; second += step) {
        harness.now += step * 1000;
        await harness.worker.tick();
        if (waits) await Promise.race([harness.worker.idle(), dying.promise]);
        await passOn(database, options, harness.now);
        if (escalates) await escalateDue(database, ESCALATION, harness.now);
      }
      await harness.worker.tick();
      if (waits) await Promise.race([harness.worker.idle(), dying.promise]);
    },
    /** What a receiver took, as `firing an_1`, in order. */
    shown: (receiver: string): string[] =>
      taken
        .filter((sent) => sent.receiver === receiver)
        .flatMap(({ message }) => [...message.firing, ...message.resolved])
        .map(({ status, annotations }) => `${status} ${/an_\w+/.exec(annotations['url'] ?? '')?.[0]}`),
    alertsOf: (receiver: string) =>
      taken
        .filter((sent) => sent.receiver === receiver)
        .flatMap(({ message }) => [...message.firing, ...message.resolved])
        .map(({ fingerprint, status, starts_at }) => ({ fingerprint, status, starts_at })),
    /** The first channel reports on the last message that it took. */
    report: async (state: 'delivered' | 'failed'): Promise<void> => {
      const sent = taken.findLast(({ receiver }) => receiver === 'first');
      assert.ok(sent !== undefined);
      const receipt = {
        ...{ notificationId: sent.id, alerts: [], channel: 'telegram', to: '777', providerMessageId: `${taken.length}` },
        ...{ state, at: harness.now, error: state === 'failed' ? 'HTTP 403' : null },
      };
      await noteReceipt(database, { receipt, receivers: ['first'], now: harness.now });
    },
  };
  harness.answer = async (sent, signal) => {
    const fault = sent.receiver === 'first' ? run.first : sent.receiver === 'second' ? run.second : undefined;
    run.isDead ||= run.dies !== null;
    if (run.dies === 'before send') return hang(signal);
    const outcome: Outcome = fault === undefined ? { kind: 'delivered' } : await fault(signal);
    const isTaken = outcome.kind === 'delivered' || (run.losesAnswers && outcome.kind === 'retry' && outcome.mayHaveArrived === true);
    if (isTaken) taken.push({ ...sent, at: harness.now });
    return run.dies === 'before record' ? hang(signal) : outcome;
  };
  return run;
}
