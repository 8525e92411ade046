import { Progress } from '@transaction-guardian/contracts/progress.ts';
import type { FastifyInstance } from 'fastify';

/** `GET /progress`: how far what was accepted is counted and judged. */
export function registerProgressRoute(app: FastifyInstance, { read }: { readonly read: () => Promise<Progress> }): void {
  app.get(
    '/progress',
    {
      config: { quiet: true },
      schema: {
        operationId: 'getProgress',
        tags: ['read'],
        summary: 'How far what was accepted is counted and judged',
        description:
          'Positions by partition. To wait for an upload: look once when it is answered, and wait until every `counted` has reached the `accepted` of that look; look again, and wait until every `judged` has reached the `closed` of that one.',
        response: { 200: Progress },
      },
    },
    read,
  );
}
