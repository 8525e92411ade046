import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { CLAWDBOT, createAlertHarness, TIMES, type AlertHarness, type Sent } from '../alert/test-harness.ts';
import { escalateDue, type EscalateOptions } from '../oncall/escalate.ts';
import type { Database } from '../store/database.ts';
import { noteReceipt } from './receipt.ts';
import { passOn } from './pass-on.ts';

type Outcome = Awaited<ReturnType<AlertHarness['answer']>>;
type Fault = (signal: AbortSignal) => Outcome | Promise<Outcome>;

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
  locale: 'pt-BR',
  externalUrl: '',
};

/** A first channel with a second one, and a boss who hears of escalations; the clock, and what each answers, are the test's. */
export async function startProofRun(t: TestContext, database: Database, { receipts = false }: { readonly receipts?: boolean } = {}) {
  await database.exec('truncate cover, receipt, escalation, escalation_step');
  const receivers = [
    { ...CLAWDBOT, name: 'first', backup: 'second', receipts },
    { ...CLAWDBOT, name: 'second' },
    { ...CLAWDBOT, name: 'boss', severities: ['info' as const] },
  ];
  const harness = await createAlertHarness(database, receivers);
  t.after(harness.release);
  const taken: Sent[] = [];
  let options = {
    ...{ receivers: new Map(receivers.map((receiver) => [receiver.name, receiver])), timeoutMs: 60_000 },
    ...{ repeatIntervalMs: TIMES.repeatIntervalMs, locale: 'pt-BR' as const, since: harness.now },
  };
  const run = {
    harness,
    first: (() => ({ kind: 'delivered' })) as Fault,
    second: (() => ({ kind: 'delivered' })) as Fault,
    /** The next message that is taken is not noted: the process dies first. */
    dies: false,
    /** Starts again after a death. */
    restart: async (): Promise<void> => {
      run.dies = false;
      await harness.restart({ kill: true });
      options = { ...options, since: harness.now };
    },
    /** Moves the clock second by second, and all that looks at it. `waits`: for the answers of receivers. */
    go: async (seconds: number, { waits = true }: { readonly waits?: boolean } = {}): Promise<void> => {
      // Long waits go in larger steps: what is due then was due for all of the step.
      const step = seconds > 100 ? 10 : 1;
      for (let second = 0; second < seconds; second += step) {
        harness.now += step * 1000;
        await harness.worker.tick();
        if (waits) await harness.worker.idle();
        await passOn(database, options, harness.now);
        await escalateDue(database, ESCALATION, harness.now);
      }
      await harness.worker.tick();
      if (waits) await harness.worker.idle();
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
    const outcome: Outcome = fault === undefined ? { kind: 'delivered' } : await fault(signal);
    if (outcome.kind === 'delivered') taken.push(sent);
    if (run.dies) await new Promise((_resolve) => signal.addEventListener('abort', () => undefined));
    return outcome;
  };
  return run;
}
