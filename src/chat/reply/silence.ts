import type { HoldElsewhere } from '../../alertmanager/held.ts';
import type { Silence } from '@transaction-guardian/contracts/silence.ts';
import { matcherText } from '../../match/matcher.ts';
import { scopeWords } from '../../match/scope-words.ts';
import { createSilence, endSilence, type SilenceScope } from '../../respond/silence.ts';
import { listSilenceViews } from '../../respond/silence-view.ts';
import { toFieldErrors } from '../../check/finding.ts';
import { actActor } from '../act-actor.ts';
import type { Length, Reference } from '../grammar/command.ts';
import { readScope } from '../grammar/read-scope.ts';
import type { Turn } from '../turn.ts';
import { whereAllowed } from './allowed.ts';
import { foreignText, nameText } from './name-text.ts';
import { findNamedSlice } from './named-slice.ts';
import { endElsewhere, holdElsewhere, holdText } from './hold-elsewhere.ts';
import { findAnywhere, pointedName, type PointedElsewhere } from './pointed.ts';
import { button, tree, type Reply } from './reply.ts';
import { snoozeEndOf } from './snooze.ts';

const MOST = 30;
/** Silences that get a button. */
const BUTTONS = 6;
/** Before the fingerprint of an alert that only Alertmanager has. */
const ELSEWHERE = 'other ';
const idElsewhere = ({ fingerprint }: HoldElsewhere): string => `${ELSEWHERE}${fingerprint}`;

/** "silenciar lojista X por 2h", "silenciar 1 por 1h": hides a part of the traffic, or the cause of an alert, until then. */
export async function replySilence(turn: Turn, scopeText: string, length: Length | null): Promise<Reply> {
  const { say, acts, message } = turn;
  if (length === null) return { text: say('chat.silence.no_length') };
  const scope = await scopeOf(turn, scopeText);
  if ('text' in scope) return { text: scope.text };
  const endsAt = snoozeEndOf(turn, length);
  if (endsAt === null) return { text: say('chat.snooze.no_shift') };
  if ('elsewhere' in scope) return { text: await holdElsewhere(turn, scope.elsewhere, { kind: 'silence', until: endsAt }) };
  const reason = say('chat.silence.reason', { channel: message.channel });
  const done = await whereAllowed(say, () =>
    createSilence(acts.respond, actActor(turn, 'silence'), { scope: scope.scope, endsAt, reason }),
  );
  if ('denied' in done) return { text: done.denied };
  if (done.value.kind === 'invalid') {
    const [fault] = toFieldErrors(done.value.findings, turn.locale);
    return { text: say('chat.silence.refused', { why: fault?.message ?? '' }) };
  }
  if (done.value.kind === 'not_firing') return { text: say('chat.silence.not_firing', { what: scope.what ?? '' }) };
  if (done.value.kind !== 'done') return { text: say('chat.silence.no_alert') };
  const { silence } = done.value;
  return {
    text: say('chat.silence.done', { what: scope.what ?? silencedText(turn, silence), until: silence.ends_at, n: silence.hidden_count }),
    followUps: [say('chat.say.silences')],
  };
}

async function scopeOf(
  turn: Turn,
  text: string,
): Promise<
  { readonly scope: SilenceScope; readonly what?: string } | { readonly elsewhere: PointedElsewhere } | { readonly text: string }
> {
  const scope = readScope(text);
  if (scope === null) return { text: turn.say('chat.silence.what') };
  if (scope.kind === 'matcher') return { scope: { matchers: [scope.matcher] } };
  if (scope.kind === 'slice') {
    const found = await findNamedSlice(turn, scope.slice);
    if (found === null || found.kind === 'unknown') return { text: found?.text ?? '' };
    const matchers = Object.entries(found.slice).map(([name, value]) => matcherText({ name, operator: '=', value }));
    return { scope: { matchers } };
  }
  const found = await findAnywhere(turn, scope.of);
  if ('text' in found) return found;
  const [only] = found.items;
  const [other] = found.elsewhere;
  if (found.items.length + found.elsewhere.length > 1) return { text: turn.say('chat.silence.one') };
  if (other !== undefined) return { elsewhere: other };
  return only === undefined
    ? { text: turn.say('chat.silence.one') }
    : { scope: { alertId: only.fingerprint ?? only.anomalyId }, what: pointedName(turn, only) };
}

/** "silêncios": what is silenced now, until when, by whom, and what it hides; then what of Alertmanager alone is held back. */
export async function replySilences(turn: Turn): Promise<Reply> {
  const { say, data, acts } = turn;
  const now = data.clock.now();
  const [{ items }, all] = await Promise.all([
    listSilenceViews(data.database, { status: 'active', now }, { limit: MOST }),
    acts.elsewhere?.holds() ?? [],
  ]);
  const holds = all.slice(0, MOST);
  const count = items.length + holds.length;
  if (count === 0) return { text: say('chat.silences.none') };
  const trees = items.map((silence, at) =>
    tree(`🔕 ${silencedText(turn, silence)} #${at + 1}`, [
      say('chat.silences.until', { until: silence.ends_at, by: nameText(silence.created_by.name) }),
      say('chat.silences.reason', { reason: nameText(silence.reason) }),
      say('chat.silences.hides', { n: silence.hidden_count }),
    ]),
  );
  return {
    text: [
      say('chat.silences.title', { n: count }),
      ...trees,
      ...(holds.length === 0 ? [] : [say('chat.elsewhere.silences', { n: holds.length })]),
      ...holds.map((hold, at) => holdText(turn, hold, items.length + at + 1)),
    ].join('\n\n'),
    talk: { silences: [...items.map(({ id }) => id), ...holds.map(idElsewhere)] },
    buttons: Array.from({ length: Math.min(BUTTONS, count) }, (_silence, at) =>
      button(say('chat.button.end_silence', { n: at + 1 }), say('chat.say.end_silence', { n: at + 1 })),
    ),
  };
}

/** "encerrar silêncio 2": ends silences of the last list, or one by its id; without a number the only one there is. */
export async function replyEndSilence(turn: Turn, of: Reference): Promise<Reply> {
  const found = await silencesOf(turn, of);
  if ('text' in found) return { text: found.text };
  const lines: string[] = [];
  for (const id of found.ids) lines.push(await end(turn, id));
  return { text: lines.join('\n'), followUps: [turn.say('chat.say.silences')] };
}

async function silencesOf(
  { talk, data, say, acts }: Turn,
  of: Reference,
): Promise<{ readonly ids: readonly string[] } | { readonly text: string }> {
  if (of.kind === 'id') return { ids: [of.id] };
  const shown = talk.silences;
  if (of.kind === 'numbers') {
    if (shown.length === 0) return { text: say('chat.silences.no_list') };
    const wrong = of.numbers.find((number) => number > shown.length);
    if (wrong !== undefined) return { text: say('chat.no_such_number', { number: wrong, n: shown.length }) };
    return { ids: of.numbers.flatMap((number) => shown[number - 1] ?? []) };
  }
  if (of.kind === 'all') return shown.length === 0 ? { text: say('chat.silences.no_list') } : { ids: shown };
  const [{ items }, holds] = await Promise.all([
    listSilenceViews(data.database, { status: 'active', now: data.clock.now() }, { limit: 2 }),
    acts.elsewhere?.holds() ?? [],
  ]);
  const ids = [...items.map(({ id }) => id), ...holds.map(idElsewhere)];
  if (ids.length === 0) return { text: say('chat.silences.none') };
  return ids.length === 1 ? { ids } : { text: say('chat.silences.which') };
}

async function end(turn: Turn, id: string): Promise<string> {
  const { acts, say } = turn;
  if (id.startsWith(ELSEWHERE)) return endElsewhere(turn, id.slice(ELSEWHERE.length));
  const done = await whereAllowed(say, () => endSilence(acts.respond, actActor(turn, id), { id }));
  if ('denied' in done) return done.denied;
  const outcome = done.value;
  if (outcome.kind !== 'done') return say(outcome.kind === 'ended' ? 'chat.silences.already_ended' : 'chat.silences.unknown', { id });
  const firing = outcome.silence.hidden.filter(({ is_firing: isFiring }) => isFiring).length;
  return say(firing === 0 ? 'chat.silences.ended' : 'chat.silences.ended_firing', { what: silencedText(turn, outcome.silence), n: firing });
}

/** What a silence names, in words. */
export const silencedText = ({ locale }: Pick<Turn, 'locale'>, { matchers }: Silence): string =>
  scopeWords(locale, matchers).map(foreignText).join(', ');
