import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Envelope } from '../protocol/names/message-headers.ts';
import type { CaseCommand } from '../protocol/records/case-command.ts';
import type { Command } from '../protocol/records/control-record.ts';
import type { PoolInput } from './pool-input-and-clock.ts';
import type { Reader } from './reader-signature.ts';

/**
 * Who may use a route. Each route declares it once, in its configuration; one hook checks it, and a
 * route that declares nothing is not added: the gateway does not start.
 *
 *   everyone      nothing of anybody's is told
 *   sender        a signed message; the door checks its signature, all else is judged behind the log
 *   participant   signed by an active key; the handler reads what is the reader's own
 *   member        the same, or signed by an operator's key
 *   bank          the same, and the path names the bank that signed
 *   keyOwner      a command about its own keys, signed by an active key of the bank that the path names
 *   operator      signed by the key that the genesis of the pool names
 *   operatorReads a request to read, signed by that key
 */
export type Access =
  | 'everyone'
  | 'sender'
  | 'participant'
  | 'member'
  | 'bank'
  | 'keyOwner'
  | 'operator'
  | 'operatorReads';

/** A command of the operator, its signature checked. */
export interface AuthorisedCommand {
  readonly envelope: Envelope;
  readonly payload: Uint8Array;
  readonly command: Command | CaseCommand;
  readonly input: PoolInput;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who reads, where the access is `participant` or `bank`. */
    reader: Reader | null;
    /** What the operator commands, where the access is `operator`. */
    command: AuthorisedCommand | null;
    /** The pools whose operator reads, where the access is `operatorReads`. */
    operatedPools: readonly string[];
  }
}

/** Throws where a request is not granted; leaves in the request what was established. */
export type AccessCheck = (request: FastifyRequest) => void | Promise<void>;

/** Checks each request by what its route declares, when its form has been checked. */
export function checkAccess(
  app: FastifyInstance,
  checks: Readonly<Record<Access, AccessCheck | null>>,
): void {
  app.decorateRequest('reader', null);
  app.decorateRequest('command', null);
  app.decorateRequest('operatedPools', null as never);
  app.addHook('preHandler', async (request) => {
    const { access, isRefusal } = request.routeOptions.config;
    // What is found nowhere is answered without a handler of a route.
    if (isRefusal || request.is404) return;
    await checks[access as Access]?.(request);
  });
}
