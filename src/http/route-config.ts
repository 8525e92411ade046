import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
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

/** For routes whose bodies the ingest checks itself: the schema is documentation only. */
export const describeOnly = () => () => true;
