import type { FastifyInstance } from 'fastify';

/** Which methods each path has, to tell "no such path" from "no such method". */
export interface MethodTable {
  /** Methods of the routes that match the path, sorted; empty when there is none. A path that is spelt out is not a parameter of
   *  another one, and catch-all routes do not count. */
  allowed(path: string): readonly string[];
}

/** Notes every route that is registered on `app` from now on. */
export function watchMethods(app: FastifyInstance): MethodTable {
  const routes: { readonly url: string; readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const source = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z_]+/g, '[^/]+');
    routes.push({ url, pattern: new RegExp(`^${source}$`), methods: [method].flat() });
  });
  return {
    allowed(path) {
      const exact = routes.filter(({ url }) => url === path);
      const found = exact.length > 0 ? exact : routes.filter(({ pattern }) => pattern.test(path));
      return [...new Set(found.flatMap(({ methods }) => methods))].toSorted();
    },
  };
}
