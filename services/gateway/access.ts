import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Reader } from './authentication.ts';
import type { SignedCommand } from './routes-operator.ts';

/**
 * Who may use a route. Each route declares it once, in its configuration; one hook checks it, and a
 * route that declares nothing is not added: the gateway does not start.
 *
 *   everyone      nothing of anybody's is told
 *   sender        a signed message; it is judged behind the log, and bounded at the door
 *   participant   signed by an active key; the handler reads what is the reader's own
 *   bank          the same, and the path names the bank that signed
 *   operator      signed by the key that the genesis of the pool names
 */
export type Access = 'everyone' | 'sender' | 'participant' | 'bank' | 'operator';

/** Of the live view (view/access.ts): its page and files are open, its data asks for the token. */
export type ViewAccess = 'page' | 'token';

export interface DeclaredRoute {
  readonly method: string;
  readonly url: string;
  readonly access: Access | ViewAccess;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access | ViewAccess;
    /** Answers the methods that a path lacks, with 405. */
    isRefusal?: boolean;
  }
  interface FastifyInstance {
    /** Every route that was added, without those that refuse a method. */
    readonly declaredRoutes: readonly DeclaredRoute[];
  }
  interface FastifyRequest {
    /** Who reads, where the access is `participant` or `bank`. */
    reader: Reader | null;
    /** What the operator commands, where the access is `operator`. */
    command: SignedCommand | null;
  }
}

/** Throws where a request is not granted; leaves in the request what was established. */
export type AccessCheck = (request: FastifyRequest) => void | Promise<void>;

/**
 * To be called before any route is added.
 * @param kinds what a route of this app may declare
 */
export function requireDeclaredAccess(
  app: FastifyInstance,
  kinds: readonly (Access | ViewAccess)[],
): void {
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

/** Checks each request by what its route declares, when its form has been checked. */
export function checkAccess(
  app: FastifyInstance,
  checks: Readonly<Record<Access, AccessCheck | null>>,
): void {
  app.decorateRequest('reader', null);
  app.decorateRequest('command', null);
  app.addHook('preHandler', async (request) => {
    const { access, isRefusal } = request.routeOptions.config;
    // What is found nowhere is answered without a handler of a route.
    if (isRefusal || request.is404) return;
    await checks[access as Access]?.(request);
  });
}
