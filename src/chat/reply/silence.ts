import type { Silence } from '@transaction-guardian/contracts/silence.ts';
import { matcherText } from '../../match/matcher.ts';
import { createSilence, type SilenceScope } from '../../respond/silence.ts';
import { listSilenceViews } from '../../respond/silence-view.ts';
import { toFieldErrors } from '../../check/finding.ts';
import { actActor } from '../act-actor.ts';
import type { Length } from '../grammar/command.ts';
import { readScope } from '../grammar/read-scope.ts';
import type { Turn } from '../turn.ts';
import { whereAllowed } from './allowed.ts';
import { foreignText, nameText } from './name-text.ts';
import { findSlice } from './named-slice.ts';
import { findPointed } from './pointed.ts';
import { tree, type Reply } from './reply.ts';
import { endOf } from './snooze.ts';

const MOST = 30;

/** "silenciar lojista X por 2h", "silenciar 1 por 1h": hides a part of the traffic, or the cause of an alert, until then. */
export async function replySilence(turn: Turn, scopeText: string, length: Length | null): Promise<Reply> {
  const { say, acts, message } = turn;
  if (length === null) return { text: say('chat.silence.no_length') };
  const scope = await scopeOf(turn, scopeText);
  if ('text' in scope) return { text: scope.text };
  const endsAt = endOf(turn, length);
  const reason = say('chat.silence.reason', { channel: message.channel });
  const done = await whereAllowed(say, () =>
    createSilence(acts.respond, actActor(turn, 'silence'), { scope: scope.scope, endsAt, reason }),
  );
  if ('denied' in done) return { text: done.denied };
  if (done.value.kind === 'invalid') {
    const [fault] = toFieldErrors(done.value.findings, turn.locale);
    return { text: say('chat.silence.refused', { why: fault?.message ?? '' }) };
  }
  if (done.value.kind !== 'done') return { text: say('chat.silence.no_alert') };
  const { silence } = done.value;
  return {
    text: say('chat.silence.done', { what: matchersText(silence), until: silence.ends_at, n: silence.hidden_count }),
    followUps: [say('chat.say.silences')],
  };
}

async function scopeOf(turn: Turn, text: string): Promise<{ readonly scope: SilenceScope } | { readonly text: string }> {
  const scope = readScope(text);
  if (scope === null) return { text: turn.say('chat.silence.what') };
  if (scope.kind === 'matcher') return { scope: { matchers: [scope.matcher] } };
  if (scope.kind === 'slice') {
    const found = await findSlice(turn, scope.slice);
    if (found === null || found.kind === 'unknown') return { text: found?.text ?? '' };
    const matchers = Object.entries(found.slice).map(([name, value]) => matcherText({ name, operator: '=', value }));
    return { scope: { matchers } };
  }
  const found = await findPointed(turn, scope.of);
  if ('text' in found) return found;
  const [only] = found.items;
  return only === undefined || found.items.length > 1
    ? { text: turn.say('chat.silence.one') }
    : { scope: { alertId: only.fingerprint ?? only.anomalyId } };
}

/** "silêncios": what is silenced now, until when, by whom, and what it hides. */
export async function replySilences(turn: Turn): Promise<Reply> {
  const { say, data } = turn;
  const now = data.clock.now();
  const { items } = await listSilenceViews(data.database, { status: 'active', now }, { limit: MOST });
  if (items.length === 0) return { text: say('chat.silences.none') };
  const trees = items.map((silence) =>
    tree(`🔕 ${matchersText(silence)}`, [
      say('chat.silences.until', { until: silence.ends_at, by: nameText(silence.created_by.name) }),
      say('chat.silences.reason', { reason: nameText(silence.reason) }),
      say('chat.silences.hides', { n: silence.hidden_count }),
    ]),
  );
  return { text: `${say('chat.silences.title', { n: items.length })}\n\n${trees.join('\n\n')}` };
}

/** Matchers without those of labels that the cause does not have. */
const matchersText = ({ matchers }: Silence): string =>
  matchers
    .filter((matcher) => !matcher.endsWith('=""'))
    .map((matcher) => foreignText(matcher).slice(0, 120))
    .join(', ');
