import { anomalyOf, eventOf, resolvedOf } from '../alert/test-anomaly.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { seededNumbers } from '../detect/forest/random.ts';
import type { Database } from '../store/database.ts';
import { KILL_POINTS, startProofRun, type Taken } from './test-proof.ts';

const FAULTS = [
  { kind: 'retry', error: 'HTTP 429', afterMs: 30_000 },
  { kind: 'retry', error: 'HTTP 500', afterMs: 0 },
  { kind: 'refused', error: 'HTTP 403' },
  { kind: 'retry', error: 'ECONNREFUSED', afterMs: 0 },
  { kind: 'retry', error: 'no answer within 10 s', afterMs: 0, mayHaveArrived: true },
] as const;

/** Three alerts of one group: they share their messages. */
const KINDS: readonly Partial<Anomaly>[] = [
  {},
  { type: 'failures_above_normal', node: { kind: 'status', status: 'failed' }, slice: { status: 'failed', share: 0.9 } },
  { type: 'reversals_above_normal', node: { kind: 'status', status: 'reversed' }, slice: { status: 'reversed', share: 0.9 } },
];

/** What is to happen in a round; seconds from its start. */
export interface Scenario {
  readonly seed: number;
  readonly fault: (typeof FAULTS)[number];
  /** The first channel takes messages that it does not answer. */
  readonly losesAnswers: boolean;
  readonly firstDown: readonly [number, number];
  readonly secondDown: readonly [number, number] | null;
  readonly crash: { readonly at: number; readonly point: (typeof KILL_POINTS)[number] } | null;
  readonly alerts: readonly { readonly id: string; readonly what: Partial<Anomaly>; readonly from: number; readonly until: number }[];
}

/** The scenario of a seed. */
export function scenarioOf(seed: number): Scenario {
  const { next, below } = seededNumbers(seed);
  const fault = FAULTS[below(FAULTS.length)] ?? FAULTS[0];
  const losesAnswers = 'mayHaveArrived' in fault && next() < 0.7;
  const firstDown = [below(20), 20 + below(240)] as const;
  const secondFrom = 50 + below(60);
  const secondDown = next() < 0.25 ? ([secondFrom, secondFrom + 10 + below(80)] as const) : null;
  const crash = next() < 0.5 ? { at: below(150), point: KILL_POINTS[below(3)] ?? KILL_POINTS[0] } : null;
  const alerts = KINDS.slice(0, 1 + below(3)).map((what, index) => {
    const from = index === 0 ? 0 : below(100);
    return { id: `an_${seed}_${index}`, what, from, until: from + 90 + below(250) };
  });
  return { seed, fault, losesAnswers, firstDown, secondDown, crash, alerts };
}

const END = 450;

/** What the receivers took, and when the process died; null: it did not. */
export interface Played {
  readonly taken: readonly Taken[];
  readonly diedAt: number | null;
}

/** Plays a scenario. */
export async function playRound(database: Database, scenario: Scenario): Promise<Played> {
  const { fault, firstDown, secondDown, crash, alerts } = scenario;
  const run = await startProofRun({ after: () => undefined } as never, database, { escalates: false });
  const begunAt = run.harness.now;
  run.losesAnswers = scenario.losesAnswers;
  let diedAt: number | null = null;
  const isIn = (time: number, span: readonly [number, number] | null): boolean => span !== null && time >= span[0] && time < span[1];
  for (let second = 0; second < END; second += second < 200 ? 1 : 5) {
    for (const { id, what, from, until } of alerts) {
      const about = { id, severity: 'critical' as const, ...what };
      const sequence = 10 + 10 * second;
      if (isIn(from, [second, second + (second < 200 ? 1 : 5)])) await run.harness.publish(eventOf('opened', sequence, anomalyOf(about)));
      if (isIn(until, [second, second + (second < 200 ? 1 : 5)]))
        await run.harness.publish(eventOf('resolved', sequence, resolvedOf(about)));
    }
    run.first = () => (isIn(second, firstDown) ? fault : { kind: 'delivered' });
    run.second = () => (isIn(second, secondDown) ? { kind: 'retry', error: 'HTTP 500', afterMs: 0 } : { kind: 'delivered' });
    // In the next send, whenever that is.
    if (second === crash?.at) run.dies = crash.point;
    await run.go(second < 200 ? 1 : 5);
    if (!run.isDead) continue;
    diedAt = second;
    await run.restart();
  }
  await run.go(200);
  await run.harness.release();
  return { taken: run.taken.map((taken) => ({ ...taken, at: (taken.at - begunAt) / 1000 })), diedAt };
}

/** What went wrong in a round, in words; empty when nobody can complain. Without a crash and without an answer that is lost each message
 *  comes once; with one, what is said again unchanged has the id of the first. Pure. */
export function complaintsOf({ fault, firstDown, secondDown, losesAnswers, alerts }: Scenario, { taken, diedAt }: Played): string[] {
  const found: string[] = [];
  const isCertain = diedAt === null && !losesAnswers;
  for (const { id, from, until } of alerts) {
    const about = (list: 'firing' | 'resolved', receiver?: string): Taken[] =>
      taken.filter(
        (one) => (receiver === undefined || one.receiver === receiver) && one.message[list].some((alert) => urlOf(alert).endsWith(id)),
      );
    const firing = about('firing');
    // The group's wait, a minute without proof and the look after it, behind another message of the group; a restart begins it again.
    const patience = 75 + (from > 0 ? 60 : 0) + (diedAt === null ? 0 : Math.max(0, diedAt - from));
    const reachedAt = firing[0]?.at ?? Infinity;
    if (secondDown === null && until - from > patience && reachedAt - from > patience) found.push(`${id} late: ${reachedAt - from} s`);
    if (firing.length === 0 && about('resolved').length === 0 && (until - from > patience || secondDown === null)) found.push(`${id} lost`);
    for (const receiver of ['first', 'second']) {
      const [shown, ends] = [about('firing', receiver), about('resolved', receiver)];
      if (shown.length > 0 && ends.length === 0) found.push(`${id} end lost at ${receiver}`);
      if (isCertain && ends.length > 1) found.push(`${id} end doubled at ${receiver}`);
      // Where there was no answer the receiver may have the page.
      if (isCertain && !('mayHaveArrived' in fault) && shown.length === 0 && ends.length > 0 && firing.length > 0)
        found.push(`${id} end without a page at ${receiver}`);
      if ((ends[0]?.at ?? Infinity) < (shown.at(-1)?.at ?? 0)) found.push(`${id} fires after its end at ${receiver}`);
    }
    const receivers = new Set(firing.map(({ receiver }) => receiver));
    const isRace = Math.abs(firstDown[1] - reachedAt) <= 1;
    if (isCertain && secondDown === null && receivers.size > 1 && !isRace) found.push(`${id} paged by both`);
  }
  for (const receiver of ['first', 'second']) found.push(...repeated(receiver, taken, isCertain));
  return found;
}

/** Messages that say what an earlier one said, as another message; where it is certain that each arrived, also as the same one. */
function repeated(receiver: string, taken: readonly Taken[], isCertain: boolean): string[] {
  const found: string[] = [];
  const seen = new Map<string, string>();
  for (const { id, message } of taken.filter((one) => one.receiver === receiver)) {
    const content = [...message.firing, ...message.resolved].map((alert) => `${alert.status} ${urlOf(alert)}`).join(', ');
    const before = seen.get(content);
    if (before !== undefined && (before !== id || isCertain)) found.push(`"${content}" twice at ${receiver}`);
    seen.set(content, id);
  }
  return found;
}

const urlOf = ({ annotations }: { readonly annotations: Readonly<Record<string, string>> }): string => annotations['url'] ?? '';
