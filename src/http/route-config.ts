import type { Actor, Scope } from '@transaction-guardian/contracts/actor.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { problemError } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes the request; null on a public route that nobody needs to be known for. */
    actor: Actor | null;
  }
  interface FastifyContextConfig {
    /** What the caller must be allowed to do; default `read` for GET and HEAD. Any other route without it acts: it needs somebody
     *  with a role, also on this machine, and what the role allows is asked where the act is done. */
    scope?: Scope;
    /** Answered without a session: nothing in it needs protection. */
    public?: boolean;
    /** Media types that the route can answer with; default JSON. Empty: anything goes. */
    produces?: readonly string[];
    /** The route also works without a body, for the API description. */
    bodyOptional?: boolean;
    /** A success is logged at `debug`: thousands a second would drown the rest. */
    quiet?: boolean;
    /** The body is taken as it comes and may take as long as it moves. */
    streams?: boolean;
    /** Statuses of problem documents, for the API description. */
    problems?: readonly number[];
  }
}

/** Adds the routes of one topic to the server. */
export type RegisterRoutes = (app: FastifyInstance) => void | Promise<void>;

/** Who makes a request to a route that is not public. Throws AUTH_REQUIRED. */
export function actorOf({ actor }: FastifyRequest): Actor {
  if (actor === null) throw problemError('AUTH_REQUIRED');
  return actor;
}

/** For routes that read their body themselves, with `readBody`: the schema is the API description, and nothing else checks it. */
export const describeOnly = () => () => true;
