import { Type, type Static } from 'typebox';

/** One broken rule of one field. */
export const FieldError = Type.Object(
  {
    field: Type.String({ description: 'Path of the field, e.g. `amount` or `items[3].status`; `(body)` for the whole.' }),
    rule: Type.String({ description: 'Stable name of the rule, e.g. `required`, `unknown_field`, `card_number`.' }),
    message: Type.String(),
  },
  { title: 'FieldError' },
);
export type FieldError = Static<typeof FieldError>;

/** RFC 9457 problem details, media type `application/problem+json`. `code` is stable; `errors` names fields and rules. */
export const Problem = Type.Object(
  {
    type: Type.String({ examples: ['urn:guardian:problem:INGEST_INVALID'] }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String(),
    instance: Type.Optional(Type.String()),
    code: Type.String(),
    request_id: Type.Optional(Type.String()),
    errors: Type.Optional(Type.Array(FieldError)),
  },
  { title: 'Problem' },
);
export type Problem = Static<typeof Problem>;
