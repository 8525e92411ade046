import { Type, type Static } from 'typebox';
import { ActorIdentity, CHANNELS } from './actor.ts';
import { NextCursor } from './node.ts';

/** What is audited. */
export const AUDITED_VERBS = [
  'alert.acknowledge',
  'alert.unacknowledge',
  'alert.snooze',
  'alert.unsnooze',
  'alert.escalate',
  'alert.demote',
  'silence.create',
  'silence.change',
  'silence.end',
  'maintenance.create',
  'maintenance.end',
  'oncall.override',
  'oncall.swap',
  'oncall.end_change',
  'feedback.give',
  'feedback.withdraw',
  'feedback.reset',
  'database.rebuild',
  'log.repair',
  'dead_letters.replay',
  'session.open',
  'session.end',
  'session.end_other',
  'code.make',
  'code.make_for_other',
  'code.refuse',
  'link.make',
  'link.make_for_other',
  'link.revoke',
  'link.revoke_other',
  'service_token.rotate',
  'incident.open',
  'incident.change',
  'incident.note',
  'briefing.accept',
  'sender.refuse',
  'runbook.run',
  'runbook.confirm',
  'runbook.resume',
  'runbook.cancel',
] as const;
export type AuditedVerb = (typeof AUDITED_VERBS)[number];
/** What somebody does, who needs a role for it. */
export type ActVerb = Exclude<AuditedVerb, 'sender.refuse' | 'code.refuse'>;

/** How it ended. `unchanged`: it was so already; `refused`: a rule spoke against it; `forbidden`: the actor may not. */
const RESULTS = ['done', 'unchanged', 'not_found', 'refused', 'forbidden'] as const;

const Facts = Type.Record(Type.String(), Type.Unknown());

/** One act. Card numbers and secrets are masked in every text. */
export const AuditRow = Type.Object(
  {
    number: Type.Integer({ description: 'Position in the chain, from 1, without gaps.' }),
    at: Type.String({ format: 'date-time', description: 'Wall clock of the server.' }),
    actor: ActorIdentity,
    channel: Type.Enum([...CHANNELS]),
    address: Type.Union([Type.String(), Type.Null()], { description: 'Source address of the request.' }),
    message_id: Type.Optional(Type.String({ description: 'Message of the channel that asked for it; absent without one.' })),
    verb: Type.Enum([...AUDITED_VERBS]),
    arguments: Facts,
    result: Type.Enum([...RESULTS]),
    before: Type.Union([Facts, Type.Null()]),
    after: Type.Union([Facts, Type.Null()]),
    previous: Type.String({ description: 'Hash of the previous row; 64 zeros in the first.' }),
    hash: Type.String({ description: 'SHA-256, in hex, of this row without `hash` as canonical JSON (keys sorted, no spaces).' }),
  },
  { title: 'AuditRow' },
);
export type AuditRow = Static<typeof AuditRow>;

/** A row without its own hash: what the hash is of. */
export type AuditEntry = Omit<AuditRow, 'hash'>;

/** `GET /audit`: newest first. */
export const AuditPage = Type.Object({ items: Type.Array(AuditRow), next_cursor: NextCursor }, { title: 'AuditPage' });
export type AuditPage = Static<typeof AuditPage>;
