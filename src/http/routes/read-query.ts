import { DURATION_PATTERN } from '@transaction-guardian/contracts/pattern.ts';
import { Type, type Static, type TSchema } from 'typebox';
import { ANOMALY_TYPES, SEVERITIES } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { FastifyRequest } from 'fastify';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { toFieldErrors } from '../../check/finding.ts';
import { problemError } from '../problem.ts';
import type { ReadSide } from '../../read/read-side.ts';

/** What every reading route is given. */
export interface ReadRouteDeps {
  readonly readSide: ReadSide;
  /** Language of the caller. */
  readonly language: (request: FastifyRequest) => Locale;
}

/** Query parameters that several lists share. */
export const ListQuery = {
  type: Type.Optional(Type.Enum([...ANOMALY_TYPES], { description: 'Only this type.' })),
  severity: Type.Optional(Type.Enum([...SEVERITIES], { description: 'Only this severity.' })),
  since: Type.Optional(Type.String({ format: 'date-time', description: 'Only what was still going on at or after this time.' })),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'Only what had begun before this time.' })),
  last: Type.Optional(
    Type.String({
      pattern: DURATION_PATTERN,
      description: 'Instead of `since`: so far back from the time of the stream.',
      examples: ['2h'],
    }),
  ),
  merchant_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: 'Only this merchant.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
} satisfies Record<string, TSchema>;

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Beginning and end of a list, epoch milliseconds; `last` counts back from `nowMs`, the time of the stream. */
export function rangeOf(
  query: { readonly since?: string; readonly until?: string; readonly last?: string },
  nowMs: number | null,
): { readonly from?: number; readonly to?: number } {
  const [, amount, unit] = /^(\d+)([mhd])$/.exec(query.last ?? '') ?? [];
  const back = unit === 'm' || unit === 'h' || unit === 'd' ? Number(amount) * UNIT_MS[unit] : undefined;
  const from = query.since !== undefined ? Date.parse(query.since) : back !== undefined && nowMs !== null ? nowMs - back : undefined;
  return { ...(from === undefined ? {} : { from }), ...(query.until === undefined ? {} : { to: Date.parse(query.until) }) };
}

/** The refusal of a node that is not written as one, in the words of `locale`. */
export function refuseNode(locale: Locale) {
  return problemError('HTTP_INVALID_REQUEST', { errors: toFieldErrors([{ field: 'node', rule: 'node' }], locale) });
}

/** The query of a request that the route's schema has already checked. */
export function queryOf<Schema extends TSchema>(request: FastifyRequest, _schema: Schema): Static<Schema> {
  return request.query as Static<Schema>;
}
