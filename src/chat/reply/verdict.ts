import type { Verdict } from '@transaction-guardian/contracts/verdict.ts';
import { actActor } from '../act-actor.ts';
import type { Reference } from '../grammar/command.ts';
import type { Turn } from '../turn.ts';
import { whereAllowed } from './allowed.ts';
import { findPointed, type Pointed } from './pointed.ts';
import { focusOn, type Reply } from './reply.ts';

/** Verdicts that one line may give. */
const MOST = 20;

/** "útil", "ruído", "aceitar nível": what an anomaly was worth, as the console gives it. */
export async function replyVerdict(turn: Turn, verdict: Verdict, of: Reference): Promise<Reply> {
  const found = await findPointed(turn, of);
  if ('text' in found) return { text: found.text };
  const lines: string[] = [];
  for (const item of found.items.slice(0, MOST)) lines.push(await give(turn, verdict, item));
  return { text: lines.join('\n'), ...focusOn(found.items) };
}

async function give(turn: Turn, verdict: Verdict, { anomalyId, number, type }: Pointed): Promise<string> {
  const { acts, say } = turn;
  const what = `${say(`anomaly.type.${type}`)}${number === null ? '' : ` #${number}`}`;
  const done = await whereAllowed(say, () => acts.feedback.give(actActor(turn, anomalyId), anomalyId, { verdict }));
  if ('denied' in done) return done.denied;
  if (done.value.kind === 'given') return say(`chat.verdict.${verdict}`, { what });
  return done.value.kind === 'unknown'
    ? say('chat.details.gone', { id: anomalyId })
    : say(`chat.verdict.conflict_${done.value.rule}`, { what });
}
