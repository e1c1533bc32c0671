import type { FastifyInstance } from 'fastify';

interface DeclaredRoute {
  readonly method: string;
  readonly url: string;
  readonly access: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route: one of the kinds that its app knows. */
    access?: string;
    /** Answers the methods that a path lacks, with 405. */
    isRefusal?: boolean;
  }
  interface FastifyInstance {
    /** Every route that was added, without those that refuse a method. */
    readonly declaredRoutes: readonly DeclaredRoute[];
  }
}

/**
 * A route that declares nothing is not added: the service does not start. To be called before any route
 * is added.
 * @param kinds what a route of this app may declare
 */
export function requireDeclaredAccess(app: FastifyInstance, kinds: readonly string[]): void {
  const routes: DeclaredRoute[] = [];
  app.decorate('declaredRoutes', routes);
  app.addHook('onRoute', ({ url, method, config }) => {
    if (config?.isRefusal) return;
    const access = config?.access;
    if (access === undefined || !kinds.includes(access))
      throw new Error(`${method} ${url} declares no access; expected one of ${kinds.join(', ')}`);
    for (const one of [method].flat()) routes.push({ method: one, url, access });
  });
}
