import { randomUUID } from 'node:crypto';
import type { Signer } from '../core/verification/signing.ts';
import { BadInput } from '../platform/exit-codes.ts';
import {
  commandSigningText,
  OPERATOR,
  OPERATOR_COMMAND,
} from '../protocol/messages/operator-command.ts';
import { headersForHttp } from '../protocol/names/http-headers.ts';
import { envelopeHeaders } from '../protocol/names/message-headers.ts';
import { QUERY, querySigningText } from '../protocol/names/signed-query.ts';
import type { CaseCommand } from '../protocol/records/case-command.ts';
import type { CommandReport } from '../protocol/records/command-report.ts';
import type { ApprovedCommand } from '../protocol/records/commands-taken-once-and-by-two-operators.ts';
import type { Command } from '../protocol/records/control-record.ts';

/** HTTP's status of what is not signed as it must be. */
const UNAUTHENTIC = 401;
/** What a gateway says why in (RFC 9457). */
const PROBLEM = 'application/problem+json';
/** What no gateway answers: a page of whatever else listens there. */
const PAGE = 'text/html';
/** How long an outcome is waited for before it is said that there is none yet. */
const OUTCOME_WAIT_MS = 15_000;
/** How long an answer is waited for, of a gateway that itself waits for an outcome too. */
const ANSWER_WAIT_MS = 2 * OUTCOME_WAIT_MS;

export interface GatewayIdentity {
  /** Of the gateway, without a slash at its end. */
  readonly url: string;
  readonly network: string;
  readonly signer: Signer;
  readonly keyId: string;
}

export type Outcome = Omit<CommandReport, 'waiting'> & {
  /** What waits for another operator; null: nothing. */
  readonly waiting: Command | null;
};

/** A gateway refuses what it was asked. */
class Refused extends BadInput {
  readonly status: number;

  constructor(status: number, said: string) {
    super(said);
    this.status = status;
  }
}

/** What a member of a network's staff asks its gateway, signed with an operator's key. */
export class OperatorClient {
  readonly #identity: GatewayIdentity;

  constructor(identity: GatewayIdentity) {
    this.#identity = identity;
  }

  /** @returns its id, and the digest of what was signed */
  async give(
    pool: string,
    command: Command | CaseCommand,
    approves?: ApprovedCommand,
    id: string = randomUUID(),
  ): Promise<ApprovedCommand> {
    const { network, signer, keyId } = this.#identity;
    const payload = Buffer.from(JSON.stringify({ pool, command, ...(approves && { approves }) }));
    const issuedAtMs = Date.now();
    const text = commandSigningText(network, pool, { id, keyId, issuedAtMs }, payload);
    const headers = headersForHttp(
      envelopeHeaders({
        ...{ id, sender: OPERATOR, messageType: OPERATOR_COMMAND, keyId, issuedAtMs },
        signature: signer.sign(text),
      }),
    );
    const { url } = this.#identity;
    const sent = send(url, 'POST', '/operator/commands', headers, payload);
    const answer = JSON.parse(await sent.catch((error) => this.#refused(error)));
    return { id, digest: (answer as { payloadDigest: string }).payloadDigest };
  }

  /** What became of a command; waits for it. */
  async outcome(pool: string, id: string): Promise<Outcome> {
    const target = `/operator/commands/${encodeURIComponent(id)}?pool=${pool}&wait=${OUTCOME_WAIT_MS}`;
    return (await this.read(target)) as Outcome;
  }

  /** Any resource that the operator may read. */
  async read(target: string): Promise<unknown> {
    const read = readSigned(this.#identity, OPERATOR, target);
    return JSON.parse(await read.catch((error) => this.#refused(error)));
  }

  /** The gateway does not say which key was revoked: it knows none by which a signature does not verify. */
  #refused(error: Error): never {
    if (!(error instanceof Refused) || error.status !== UNAUTHENTIC) throw error;
    throw new BadInput(
      `${error.message}; it was signed with the key ${this.#identity.keyId}: where that was replaced or revoked, name the one that serves by --as`,
    );
  }
}

/**
 * What a gateway tells whoever signs, as text.
 * @param sender BIC, or OPERATOR
 * @param target path and query
 * @throws BadInput where the gateway refuses
 */
export async function readSigned(
  { url, network, signer, keyId }: GatewayIdentity,
  sender: string,
  target: string,
): Promise<string> {
  const names = { sender, keyId, id: randomUUID(), issuedAtMs: Date.now() };
  const signature = signer.sign(querySigningText(network, names, 'GET', target));
  const { 'content-type': _, ...headers } = headersForHttp(
    envelopeHeaders({ ...names, messageType: QUERY, signature }),
  );
  return send(url, 'GET', target, headers);
}

async function send(
  url: string,
  method: string,
  target: string,
  headers: Record<string, string>,
  body?: Uint8Array,
): Promise<string> {
  let answer: Response;
  let text: string;
  try {
    const signal = AbortSignal.timeout(ANSWER_WAIT_MS);
    answer = await fetch(url + target, { method, headers, signal, ...(body && { body }) });
    text = await answer.text();
  } catch (error) {
    const { cause, message, name } = error as Error & { cause?: Error };
    const why =
      name === 'TimeoutError'
        ? `none within ${ANSWER_WAIT_MS / 1000} s`
        : cause?.message || message;
    throw new Error(`--url ${url}: no gateway answers (${why})`);
  }
  const { ok, status } = answer;
  const type = answer.headers.get('content-type') ?? 'without a type';
  if (ok ? type.startsWith(PAGE) : !type.startsWith(PROBLEM))
    throw new BadInput(`--url ${url}: answers ${status} (${type}); expected a gateway`);
  if (ok) return text;
  const { title, detail } = JSON.parse(text) as { title: string; detail: string };
  const said = `${status} ${title}: ${detail}`;
  throw status < 500 ? new Refused(status, said) : new Error(said);
}
