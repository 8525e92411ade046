import { Type, type Static } from 'typebox';
import { ActorIdentity, CHANNELS } from './actor.ts';
import { AUDITED_VERBS } from './audited-verb.ts';
import { NextCursor } from './node.ts';

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

/** The row that was written last, kept apart from the rows. */
export const AuditHead = Type.Object({ number: Type.Integer(), hash: Type.String() }, { title: 'AuditHead' });
export type AuditHead = Static<typeof AuditHead>;

/** `GET /audit`: newest first. */
export const AuditPage = Type.Object(
  {
    items: Type.Array(AuditRow),
    head: Type.Union([AuditHead, Type.Null()], {
      description: 'The row that was written last, kept apart from the rows: one that is not there was removed. Null before the first.',
    }),
    next_cursor: NextCursor,
  },
  { title: 'AuditPage' },
);
export type AuditPage = Static<typeof AuditPage>;

/** `GET /audit/verify`: whether the chain of all rows is whole. */
export const AuditCheck = Type.Object(
  {
    rows: Type.Integer({ description: 'Good rows.' }),
    head: Type.Union([Type.String(), Type.Null()], { description: 'Hash of the newest good row.' }),
    fault: Type.Union([Type.Object({ number: Type.Integer(), why: Type.Enum(['changed', 'missing', 'unlinked']) }), Type.Null()], {
      description: 'The first bad row; null: the chain is whole.',
    }),
  },
  { title: 'AuditCheck' },
);
export type AuditCheck = Static<typeof AuditCheck>;
