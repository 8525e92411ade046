import { MINUTE_MS } from '../clock.ts';
import type { Briefing, BriefingFacts } from '@transaction-guardian/contracts/briefing.ts';
import { PRIORITIES } from '@transaction-guardian/contracts/incident-state.ts';
import { text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';

type Key = Parameters<typeof text>[1];
type Say = (key: Key, params?: Readonly<Record<string, string | number>>) => string;

/** A briefing without its text. */
export type BriefingHead = Omit<Briefing, 'text'>;

/** A heading and its lines. */
export interface BriefingPart {
  readonly icon: string;
  readonly title: string;
  readonly lines: readonly string[];
}

export interface BriefingLayout {
  readonly title: string;
  /** Lines under the title: that it is late. */
  readonly notes: readonly string[];
  readonly parts: readonly BriefingPart[];
  readonly closing: string;
}

const LATE_MS = 300_000;
/** Minutes close one by one: only what is longer than this is quiet. */
const QUIET_MS = 300_000;

/** What a briefing says, in parts, in the language of the reader. Pure. */
export function layoutOf(briefing: BriefingHead, locale: Locale, timeZone: string): BriefingLayout {
  const nowMs = Date.parse(briefing.made_at);
  const say: Say = (key, params = {}) => text(locale, key, params, { timeZone, nowMs });
  const { facts, due_at, made_at, accepted_by, accepted_at } = briefing;
  const isLate = briefing.kind !== 'now' && Date.parse(made_at) - Date.parse(due_at) > LATE_MS;
  const minutes = Math.round((Date.parse(briefing.to) - Date.parse(briefing.from)) / MINUTE_MS);
  const span = minutes < 60 ? say('briefing.span_minutes', { n: minutes }) : say('briefing.span', { hours: Math.round(minutes / 6) / 10 });
  const part = (icon: string, title: string, lines: readonly string[]): BriefingPart => ({ icon, title, lines });
  const watch = [...watchLines(facts, locale, say)];
  const demotions = (facts.noise.demotions ?? []).map(({ cause, texts, pages, budget }) =>
    say('briefing.demote', { what: oneLine(texts[locale]), n: pages, budget, cause }),
  );
  const pending = facts.pendencies.map(({ texts, carried }) =>
    carried ? say('briefing.carried', { what: oneLine(texts[locale]) }) : oneLine(texts[locale]),
  );
  return {
    title: titleOf(briefing, say, timeZone),
    notes: [
      ...(isLate ? [say('briefing.late', { due: due_at })] : []),
      ...(accepted_by === null || accepted_at === null
        ? []
        : [say('briefing.accepted', { name: shownName(accepted_by), at: accepted_at })]),
    ],
    parts: [
      part('📊', span, figureLines(briefing, say)),
      part('⚠️', say('briefing.attention'), watch.length === 0 ? [say('briefing.none')] : watch),
      part('📋', say('briefing.pending'), pending.length === 0 ? [say('briefing.none')] : pending),
      ...(facts.silences.length === 0
        ? []
        : [
            part(
              '🔕',
              say('briefing.silences'),
              facts.silences.map(({ id, reason, ends_at }) => say('briefing.silence', { id, at: ends_at, reason: oneLine(reason) })),
            ),
          ]),
      ...(demotions.length === 0 ? [] : [part('📉', say('briefing.noise'), demotions)]),
      part('🩺', say('briefing.health'), healthLines(facts, say)),
    ],
    closing: isNothing(briefing) ? `${say('briefing.nothing')}\n\n${say('briefing.good_shift')}` : say('briefing.good_shift'),
  };
}

/** For a chat: a tree under each heading. Pure. */
export function briefingText(briefing: BriefingHead, locale: Locale, timeZone: string): string {
  const { title, notes, parts, closing } = layoutOf(briefing, locale, timeZone);
  const trees = parts.map(({ icon, title: heading, lines }) =>
    [`${icon} ${heading}:`, ...lines.map((line, index) => `${index === lines.length - 1 ? '└──' : '├──'} ${line}`)].join('\n'),
  );
  return [[title, ...notes].join('\n'), ...trees, closing].join('\n\n');
}

/** Three lines, for a screen that is locked. Pure. */
export function briefingShort(briefing: BriefingHead, locale: Locale, timeZone: string): string {
  const say: Say = (key, params = {}) => text(locale, key, params, { timeZone });
  const { traffic, anomalies, pendencies } = briefing.facts;
  const share =
    traffic.approval_share === null ? say('briefing.no_transactions') : say('briefing.approved', { share: 100 * traffic.approval_share });
  const { title } = layoutOf(briefing, locale, timeZone);
  const first = pendencies[0];
  return [
    title,
    say('briefing.short', { total: traffic.total, share, n: anomalies, pending: pendencies.length }),
    first === undefined
      ? `${say('briefing.pending')}: ${say('briefing.none')}`
      : `${say('briefing.pending')}: ${oneLine(first.texts[locale])}`,
  ].join('\n');
}

function titleOf({ kind, shift, due_at, to }: BriefingHead, say: Say, timeZone: string): string {
  if (kind === 'end') return say('briefing.title_end', { shift });
  const at = Date.parse(kind === 'now' ? to : due_at);
  const hour = Number(new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone }).format(at));
  if (hour >= 20 || hour < 5) return say('briefing.title_night');
  return kind === 'now' ? say('briefing.title_now') : say('briefing.title_day', { shift });
}

function figureLines({ facts, to }: Pick<BriefingHead, 'facts' | 'to'>, say: Say): string[] {
  const { traffic, last_week: before, anomalies, anomalies_resolved, incidents, noise } = facts;
  const { total, approval_share: share, minutes_missing: missing } = traffic;
  const counts = PRIORITIES.filter((priority) => priority <= 'P2' || (incidents[priority] ?? 0) > 0).map(
    (priority) => `${incidents[priority] ?? 0} ${priority}`,
  );
  const was = before?.approval_share ?? null;
  return [
    before === null ? say('briefing.total', { n: total }) : say('briefing.total_week', { n: total, before: before.total }),
    share === null
      ? say('briefing.no_transactions')
      : was === null
        ? say('briefing.approved', { share: 100 * share })
        : say('briefing.approved_week', { share: 100 * share, before: 100 * was }),
    anomalies === 0 ? say('briefing.anomalies_none') : say('briefing.anomalies', { n: anomalies, resolved: anomalies_resolved }),
    say('briefing.incidents', { counts: counts.join(', ') }),
    say('briefing.pages', { n: noise.pages, budget: noise.budget }),
    ...(noise.useful_share === null ? [] : [say('briefing.pages_useful', { share: noise.useful_share })]),
    ...(noise.short_share === null ? [] : [say('briefing.pages_short', { share: noise.short_share })]),
    ...(noise.burn > 0 ? [say('briefing.burn', { burn: noise.burn })] : []),
    ...(missing > 0 ? [say('briefing.missing', { n: missing })] : []),
    ...quietLines(traffic, Date.parse(to), say),
  ];
}

/** Whether nothing came at the end of the period. */
const isQuiet = ({ last_transaction_minute: last }: BriefingFacts['traffic'], to: number): boolean =>
  typeof last === 'string' && to - Date.parse(last) > QUIET_MS;

const quietLines = (traffic: BriefingFacts['traffic'], to: number, say: Say): string[] =>
  isQuiet(traffic, to) ? [say('briefing.quiet', { at: traffic.last_transaction_minute ?? '' })] : [];

function watchLines({ watch, watch_more }: BriefingFacts, locale: Locale, say: Say): string[] {
  const lines = watch.map(({ texts, resolved }) =>
    resolved ? say('briefing.resolved', { what: oneLine(texts[locale]) }) : oneLine(texts[locale]),
  );
  return watch_more > 0 ? [...lines, say('briefing.more', { n: watch_more })] : lines;
}

function healthLines({ judged, failing_receivers: failing }: BriefingFacts, say: Say): string[] {
  return [
    judged ? say('briefing.judged') : say('briefing.not_judged'),
    failing.length === 0 ? say('briefing.receivers_fine') : say('briefing.receivers', { names: failing.join(', ') }),
  ];
}

/** Honest only where everything was judged and delivered, and there was traffic to judge. */
const isNothing = ({ facts, to }: Pick<BriefingHead, 'facts' | 'to'>): boolean => {
  const { traffic, anomalies, watch, pendencies, silences, judged } = facts;
  const isKnown = judged && traffic.minutes > 0 && !isQuiet(traffic, Date.parse(to));
  return isKnown && anomalies === 0 && watch.length === 0 && pendencies.length === 0 && silences.length === 0;
};

/** The first line of a text, as one: what follows would break the tree. */
const oneLine = (value: string | undefined): string => (value ?? '').split('\n')[0]?.trim() ?? '';
