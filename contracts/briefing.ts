import { Type, type Static } from 'typebox';
import { ActorIdentity } from './actor.ts';
import { SEVERITIES } from './anomaly-type.ts';
import { NextCursor } from './node.ts';

/** A text in each language of operators. */
const Texts = Type.Record(Type.String(), Type.String());
const time = (description: string) => Type.String({ format: 'date-time', description });
const share = (description: string) => Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], { description });

/** Transactions of a period. */
export const PeriodTraffic = Type.Object(
  {
    total: Type.Integer({ minimum: 0 }),
    approval_share: share('null without transactions.'),
    minutes: Type.Integer({ minimum: 0, description: 'Closed minutes with a source that was heard.' }),
    last_transaction_minute: Type.Optional(
      Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
        description: 'Newest closed minute with transactions; null without one. Absent in briefings of earlier versions.',
      }),
    ),
    minutes_missing: Type.Integer({ minimum: 0, description: 'Minutes that nobody knows: not closed, or silent.' }),
  },
  { title: 'PeriodTraffic' },
);
export type PeriodTraffic = Static<typeof PeriodTraffic>;

/** Something that waits for the next shift. */
export const Pendency = Type.Object(
  {
    key: Type.String({ description: 'Stable while it waits, e.g. `incident:12`, `alert:9c1185a5c5e9fc54`.' }),
    kind: Type.Enum(['incident', 'alert', 'runbook', 'receiver']),
    texts: Texts,
    since: time('Since when it waits.'),
    carried: Type.Boolean({ description: 'It stood in an earlier briefing already, which nobody accepted.' }),
  },
  { title: 'Pendency' },
);
export type Pendency = Static<typeof Pendency>;

/** A cause that burns the budget of pages, proposed for demotion: for a week it notifies nobody, up to that severity. */
export const ProposedDemotion = Type.Object(
  {
    cause: Type.String({ description: 'Names it to `POST /briefings/{id}/demotions/{cause}` and to the chat.', examples: ['3f9a21c7'] }),
    texts: Texts,
    matchers: Type.Array(Type.String(), { description: 'The labels of the cause, and of no other.' }),
    max_severity: Type.Enum([...SEVERITIES], { description: 'What is worse notifies as always.' }),
    pages: Type.Integer({ minimum: 1, description: 'In the last seven days.' }),
    budget: Type.Number({ minimum: 0, description: 'Of all causes for seven days.' }),
  },
  { title: 'ProposedDemotion' },
);
export type ProposedDemotion = Static<typeof ProposedDemotion>;

/** How noisy the pages of a period were. */
export const PageNoise = Type.Object(
  {
    pages: Type.Integer({ minimum: 0, description: 'Messages that fire, of the receiver that took the most.' }),
    budget: Type.Number({ minimum: 0, description: 'Pages a shift that are meant to be enough.' }),
    burn: Type.Number({ minimum: 0, description: 'Pages of the last seven days over their budget.' }),
    useful_share: share('Of the anomalies with a verdict of useful or noise; null without any.'),
    short_share: share('Of the alerts that ended within five minutes; null without any.'),
    demotions: Type.Optional(Type.Array(ProposedDemotion, { description: 'Absent in briefings of earlier versions.' })),
    noisiest: Type.Array(Type.Object({ name: Type.String(), pages: Type.Integer({ minimum: 1 }) }), { maxItems: 3 }),
  },
  { title: 'PageNoise' },
);
export type PageNoise = Static<typeof PageNoise>;

/** What a briefing says, as it was when it was made. */
export const BriefingFacts = Type.Object(
  {
    traffic: PeriodTraffic,
    last_week: Type.Union([PeriodTraffic, Type.Null()], { description: 'The same period a week before; null where it is not known.' }),
    anomalies: Type.Integer({ minimum: 0 }),
    anomalies_resolved: Type.Integer({ minimum: 0 }),
    incidents: Type.Record(Type.String(), Type.Integer({ minimum: 0 }), { description: 'Opened in the period, by priority.' }),
    watch: Type.Array(Type.Object({ texts: Texts, resolved: Type.Boolean() })),
    watch_more: Type.Integer({ minimum: 0 }),
    silences: Type.Array(Type.Object({ id: Type.String(), reason: Type.String(), ends_at: time('When it ends.') })),
    judged: Type.Boolean({ description: 'The detector had judged all minutes when it was made.' }),
    failing_receivers: Type.Array(Type.String()),
    pendencies: Type.Array(Pendency),
    noise: PageNoise,
  },
  { title: 'BriefingFacts' },
);
export type BriefingFacts = Static<typeof BriefingFacts>;

/** A hand-over at the start or the end of a shift. */
export const Briefing = Type.Object(
  {
    id: Type.String({ examples: ['night-2026-11-22-start'] }),
    shift: Type.String(),
    kind: Type.Enum(['start', 'end', 'now']),
    due_at: time('When the shift starts or ends.'),
    made_at: time('Clock of the server.'),
    from: time('Begin of the period, inclusive.'),
    to: time('End of the period, exclusive.'),
    facts: BriefingFacts,
    accepted_by: Type.Union([ActorIdentity, Type.Null()]),
    accepted_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    text: Type.String({ description: 'For a chat, in the language of the reader.' }),
  },
  { title: 'Briefing' },
);
export type Briefing = Static<typeof Briefing>;

export const BriefingPage = Type.Object({ items: Type.Array(Briefing), next_cursor: NextCursor }, { title: 'BriefingPage' });
export type BriefingPage = Static<typeof BriefingPage>;
