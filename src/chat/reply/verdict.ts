import type { Verdict } from '@transaction-guardian/contracts/verdict.ts';
import type { Role } from '@transaction-guardian/contracts/person.ts';
import { isGuardianError } from '../../errors.ts';
import { actActor } from '../act-actor.ts';
import type { Reference } from '../grammar/command.ts';
import type { Turn } from '../turn.ts';
import { findPointed, type Pointed } from './pointed.ts';
import type { Reply } from './reply.ts';

/** Verdicts that one line may give. */
const MOST = 20;

/** "útil", "ruído", "aceitar nível": what an anomaly was worth, as the console gives it. */
export async function replyVerdict(turn: Turn, verdict: Verdict, of: Reference): Promise<Reply> {
  const found = await findPointed(turn, of);
  if ('text' in found) return { text: found.text };
  const lines: string[] = [];
  for (const item of found.items.slice(0, MOST)) lines.push(await give(turn, verdict, item));
  const [only] = found.items;
  return { text: lines.join('\n'), ...(found.items.length === 1 && only?.number != null ? { talk: { focus: only.number } } : {}) };
}

async function give(turn: Turn, verdict: Verdict, { anomalyId, number, type }: Pointed): Promise<string> {
  const { acts, say } = turn;
  const what = `${say(`anomaly.type.${type}`)}${number === null ? '' : ` #${number}`}`;
  try {
    const outcome = await acts.feedback.give(actActor(turn, anomalyId), anomalyId, { verdict });
    if (outcome.kind === 'given') return say(`chat.verdict.${verdict}`, { what });
    return outcome.kind === 'unknown'
      ? say('chat.details.gone', { id: anomalyId })
      : say(`chat.verdict.conflict_${outcome.rule}`, { what });
  } catch (error) {
    if (!isGuardianError(error, 'AUTH_ROLE')) throw error;
    return say('chat.not_allowed', { role: say(`chat.role.${error.data['role'] as Role}`) });
  }
}
