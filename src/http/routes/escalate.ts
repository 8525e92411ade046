import { Type } from 'typebox';
import { EscalatedAlert } from '@transaction-guardian/contracts/escalation.ts';
import type { FastifyInstance } from 'fastify';
import type { EscalateNow } from '../../oncall/escalate-now.ts';
import { problemError } from '../problem.ts';
import { actorOf } from '../route-config.ts';

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128, description: 'Fingerprint, or id of the anomaly.' }) });

/** `POST /alerts/:id/escalate`. */
export function registerEscalateRoute(app: FastifyInstance, { escalate }: { readonly escalate: EscalateNow }): void {
  app.post('/alerts/:id/escalate', {
    config: { problems: [400, 401, 403, 404, 406, 409, 503], bodyOptional: true },
    schema: {
      operationId: 'escalateAlert',
      tags: ['alerts'],
      summary: 'Take the next escalation step of a firing alert now',
      description:
        'An acknowledgement does not stop it. Steps that are left are taken when they are due. 409 and `ESCALATION_NONE` without a policy for its severity, `ESCALATION_OVER` when every step has been taken.',
      params: Params,
      response: { 200: EscalatedAlert },
    },
    handler: async (request) => {
      const { id } = request.params as { readonly id: string };
      const { kind, ...outcome } = await escalate(actorOf(request), id);
      if (kind === 'done') return outcome;
      if (kind === 'unknown') throw problemError('HTTP_NOT_FOUND', { wording: 'alert', params: { id } });
      if (kind === 'not_firing') throw problemError('ALERT_NOT_FIRING');
      throw problemError(kind === 'over' ? 'ESCALATION_OVER' : 'ESCALATION_NONE', { params: outcome as Record<string, string | number> });
    },
  });
}
