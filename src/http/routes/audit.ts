import { Type } from 'typebox';
import { AuditCheck, AuditPage } from '@transaction-guardian/contracts/audit.ts';
import { AUDITED_VERBS } from '@transaction-guardian/contracts/audited-verb.ts';
import { Cursor } from '@transaction-guardian/contracts/node.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Database } from '../../store/database.ts';
import { readAuditHead } from '../../store/verbs/audit/append-audit.ts';
import { listAudit, verifyAudit } from '../../store/verbs/audit/list-audit.ts';
import { checkCursor } from '../cursor.ts';
import { queryOf } from './read-query.ts';

const Query = Type.Object(
  {
    actor: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: 'Only acts of this actor id.' })),
    verb: Type.Optional(Type.Enum([...AUDITED_VERBS])),
    from: Type.Optional(Type.String({ format: 'date-time', description: 'Done at or after.' })),
    to: Type.Optional(Type.String({ format: 'date-time', description: 'Done before.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false },
);

/** `GET /audit`: who did what, newest first. */
export function registerAuditRoute(
  app: FastifyInstance,
  { database, language }: { readonly database: Database; readonly language: (request: FastifyRequest) => Locale },
): void {
  app.get('/audit', {
    config: { scope: 'admin', problems: [400, 401, 403, 406, 503] },
    schema: {
      operationId: 'listAudit',
      tags: ['read'],
      summary: 'List audited acts, newest first',
      description: 'Each row carries the hash of the row before it; `guardian audit verify` checks the chain.',
      querystring: Query,
      response: { 200: AuditPage },
    },
    handler: async (request) => {
      const { limit, cursor, from, to, ...who } = queryOf(request, Query);
      const wanted = {
        ...who,
        ...(from === undefined ? {} : { from: Date.parse(from) }),
        ...(to === undefined ? {} : { to: Date.parse(to) }),
      };
      if (cursor !== undefined) checkCursor(cursor, language(request));
      const head = (await readAuditHead(database)) ?? null;
      const page = await listAudit(database, wanted, { limit: limit ?? 100, ...(cursor === undefined ? {} : { cursor }) });
      return { items: page.items, head, next_cursor: page.next };
    },
  });
  app.get('/audit/verify', {
    config: { scope: 'admin', problems: [401, 403, 406, 503] },
    schema: {
      operationId: 'verifyAudit',
      tags: ['read'],
      summary: 'Verify the hash chain of the audit',
      description: 'Reads every row, the oldest first, and stops at the first bad one.',
      response: { 200: AuditCheck },
    },
    handler: async () => {
      const { rows, head = null, fault } = await verifyAudit(database);
      return { rows, head, fault };
    },
  });
}
