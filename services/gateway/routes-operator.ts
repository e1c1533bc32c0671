import { Type } from '@sinclair/typebox';
import { keyRefusal } from '../core/verification/key-admission.ts';
import { createSignatureCheck } from '../core/verification/signing.ts';
import type { Logger } from '../live/service-context.ts';
import { claimedKey, isKeyCommand, possessionFault } from '../protocol/messages/key-possession.ts';
import {
  BANK_KEY_COMMAND,
  commandRecord,
  commandSigningText,
  isCommandFault,
  OPERATOR,
  OPERATOR_COMMAND,
  OPERATOR_KEY_ID,
  OperatorCommandSchema,
  readAnyCommand,
} from '../protocol/messages/operator-command.ts';
import { fieldProblem, ProblemError, passingProblem } from '../protocol/names/http-problems.ts';
import type { Envelope } from '../protocol/names/message-headers.ts';
import { QUERY, querySigningText } from '../protocol/names/signed-query.ts';
import { payloadDigestHex, SIGNED_FIELD_PATTERN } from '../protocol/names/signing-text.ts';
import { CASES, poolInput } from '../protocol/names/topic-plan.ts';
import { type CaseCommand, isCaseCommand } from '../protocol/records/case-command.ts';
import { caseMessage, commandedCase } from '../protocol/records/case-record.ts';
import { commandId } from '../protocol/records/commands-taken-once-and-by-two-operators.ts';
import type { Command } from '../protocol/records/control-record.ts';
import { SystemKeys } from '../protocol/records/system-keys.ts';
import type { CaseDesk } from './case-desk.ts';
import type { CommandBook } from './command-outcomes.ts';
import type { FastifyRequest, GatewayApp } from './http-server.ts';
import type { KeyBook } from './key-book.ts';
import { errorKind, type GatewayLog } from './log-port-and-try-later.ts';
import { isSentAgain, RememberedCommands } from './operator-commands-sent-again.ts';
import type { PoolInput } from './pool-input-and-clock.ts';
import {
  queryProblem,
  readSignedHeaders,
  refuseOutsideWindow,
  signatureProblem,
} from './reader-signature.ts';
import { BicPath, BicSchema, json, problems, signedHeadersSchema } from './request-schemas.ts';
import type { AuthorisedCommand } from './route-access.ts';

export interface OperatorPorts {
  readonly network: string;
  readonly pools: readonly PoolInput[];
  /** What became of the commands before. */
  readonly book: CommandBook;
  readonly cases: CaseDesk;
  readonly log: Pick<GatewayLog, 'produce'>;
  readonly logger: Logger;
  readonly now: () => number;
  /** How long the log may take to acknowledge. */
  readonly ackTimeoutMs: number;
}

const operatorHeaders = (type: string) =>
  Type.Composite([
    signedHeadersSchema(
      Type.Literal(type, { title: type }),
      Type.Literal(OPERATOR, { title: OPERATOR }),
    ),
    Type.Object({
      'ce-keyid': Type.String({
        pattern: SIGNED_FIELD_PATTERN,
        title: `${OPERATOR_KEY_ID}, or the key id of another operator`,
      }),
    }),
  ]);
const Headers = operatorHeaders(OPERATOR_COMMAND);
const KeyHeaders = signedHeadersSchema(
  Type.Literal(BANK_KEY_COMMAND, { title: BANK_KEY_COMMAND }),
  BicSchema,
);
/** Of a request of the operator to read. */
export const OperatorQueryHeaders = operatorHeaders(QUERY);

const Taken = Type.Object({
  id: Type.String(),
  pool: Type.String(),
  kind: Type.String(),
  payloadDigest: Type.String({ description: 'SHA-256 of the bytes that were signed, hex' }),
  outcome: Type.String({ description: 'Where to read what becomes of it' }),
});

/**
 * The operator's commands. The gateway checks the signature before it appends; the record carries what
 * was signed, so that a replay checks it again.
 */
export function addOperatorRoutes(app: GatewayApp, ports: OperatorPorts): void {
  const taken = new RememberedCommands();
  app.post(
    '/operator/commands',
    {
      config: { access: 'operator' },
      schema: {
        summary: 'A command of the operator to one pool, or about a case of an alert',
        description:
          'Signed by the key that the pool’s genesis names. 202: it is in the pool’s input log, or with the cases. It takes effect once, however often it is sent.',
        tags: ['operator'],
        headers: Headers,
        body: { content: json(OperatorCommandSchema) },
        response: {
          202: {
            description: 'The command is in the pool’s input log, or with the cases',
            headers: { location: Type.String({ description: '`outcome` of the body' }) },
            content: json(Taken),
          },
          ...problems(401, 409, 413, 415),
        },
      },
    },
    async (request, reply) => {
      const { id, pool, kind, payloadDigest: digest } = await take(request);
      const outcome = `/operator/commands/${id}?pool=${pool}`;
      return reply
        .code(202)
        .header('location', outcome)
        .send({ id, pool, kind, payloadDigest: digest, outcome });
    },
  );
  app.post(
    '/banks/:bic/keys',
    {
      config: { access: 'keyOwner' },
      schema: {
        summary: 'A bank registers another key of its own, or revokes one',
        description:
          'The command `key` of the operator, signed by an active key of the bank itself; a new key proves its possession. Both keys sign until one is revoked.',
        tags: ['participants'],
        params: BicPath,
        headers: KeyHeaders,
        body: { content: json(OperatorCommandSchema) },
        response: {
          202: {
            description: 'The command is in the pool’s input log',
            headers: { location: Type.String({ description: '`outcome` of the body' }) },
            content: json(Taken),
          },
          ...problems(401, 403, 409, 413, 415),
        },
      },
    },
    async (request, reply) => {
      const { id, sender, pool, kind, payloadDigest: digest } = await take(request);
      const outcome = `/banks/${sender}/keys/${id}?pool=${pool}`;
      return reply
        .code(202)
        .header('location', outcome)
        .send({ id, pool, kind, payloadDigest: digest, outcome });
    },
  );

  /** Logs a command that was not logged before; throws a ProblemError where its id was used for another. */
  async function take(request: FastifyRequest) {
    const { envelope, payload, command, input } = request.command as AuthorisedCommand;
    const { pool } = input;
    const { id, sender } = envelope;
    const own = commandId({ id, ...(sender !== OPERATOR && { sender }) });
    const digest = payloadDigestHex(payload);
    const name = `${pool} ${own}`;
    const before =
      taken.digestOf(name) ??
      (await inTime(ports, ports.book.find(pool, own)))?.payloadDigest ??
      (await inTime(ports, ports.cases.reports([pool], own)))[0]?.payloadDigest;
    if (!isSentAgain(id, before, digest)) {
      if (isCaseCommand(command)) await appendToCases(ports, pool, envelope, payload);
      else await append(ports, input, command, envelope, payload);
      taken.remember(name, digest);
      // Who commanded what is worth a line; the signature and the payload are in the pool's log.
      ports.logger.info({ pool, id, kind: command.kind, by: sender }, 'command logged');
    }
    return { id, sender, pool, kind: command.kind, payloadDigest: digest };
  }
}

const OperatorKeys = Type.Object({
  pools: Type.Array(
    Type.Object({
      pool: Type.String(),
      keys: Type.Array(
        Type.Object({
          owner: Type.String({
            description: '`node`, or the operator: the id of the key that the genesis gave him',
          }),
          keyId: Type.String(),
          publicKey: Type.String({ description: '32 bytes of Ed25519, hex' }),
          isRevoked: Type.Boolean(),
        }),
      ),
    }),
  ),
});

/** Whose keys the operators and the node have, for whoever replaces one. */
export function addOperatorKeysRoute(app: GatewayApp, ports: OperatorPorts): void {
  app.get(
    '/operator/keys',
    {
      config: { access: 'operatorReads' },
      schema: {
        summary: 'Keys of the operators and of the clearing node, by pool',
        description:
          'As the pool’s genesis and the commands `operatorKey` and `nodeKey` that were done have them.',
        tags: ['operator'],
        headers: OperatorQueryHeaders,
        response: {
          200: { description: 'Of the pools whose operator asks', content: json(OperatorKeys) },
          ...problems(401),
        },
      },
    },
    async ({ operatedPools }) => {
      const pools = [];
      for (const input of ports.pools)
        if (operatedPools.includes(input.pool))
          pools.push({
            pool: input.pool,
            keys: (await keysOf(ports, input))?.entries() ?? [],
          });
      return { pools };
    },
  );
}

/** Access `keyOwner`: what a bank commands about its own keys, under one that is active. */
export async function establishKeyCommand(
  request: FastifyRequest,
  ports: OperatorPorts,
  keys: KeyBook,
): Promise<void> {
  const { envelope, payload, command, input } = readRequest(request, ports);
  const { sender, keyId, signature } = envelope;
  const text = commandSigningText(ports.network, input.pool, envelope, payload);
  if (!keys.verifies(sender, keyId, text, signature))
    throw signatureProblem(
      envelope,
      `the signature does not verify under an active key of this participant: check network, topic "pool.${input.pool}.input", key id and the payload's digest in the signed text`,
      commandCovered(ports.network, input.pool, payload),
    );
  const { bic } = request.params as { bic: string };
  if (bic !== sender)
    throw new ProblemError('notYours', {
      ...{ detail: `${sender} changes no keys of ${bic}`, field: 'bic', value: bic },
      expected: sender,
    });
  if (command.kind !== 'key')
    throw fieldProblem('bodyInvalid', 'command/kind', command.kind, 'key');
  if (command.bic !== sender) throw fieldProblem('bodyInvalid', 'command/bic', command.bic, sender);
  refuseUnproven(ports, command);
  request.command = { envelope, payload, command, input };
}

/** Access `operator`: what is commanded, by the key that the pool's genesis names. */
export async function establishCommand(
  request: FastifyRequest,
  ports: OperatorPorts,
): Promise<void> {
  const { envelope, payload, command, input } = readRequest(request, ports);
  await authorize(ports, input, envelope, payload);
  refuseUnproven(ports, command);
  request.command = { envelope, payload, command, input };
}

/** A signed command in its form, of now, and the pool that it is for. */
function readRequest(request: FastifyRequest, ports: OperatorPorts): AuthorisedCommand {
  const envelope = readSignedHeaders(request.headers);
  const payload = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
  const { pool, command } = readCommand(payload);
  const input = ports.pools.find((one) => one.pool === pool);
  if (!input)
    throw fieldProblem(
      'bodyInvalid',
      'pool',
      pool,
      `one of ${ports.pools.map((one) => one.pool).join(', ')}`,
    );
  refuseOutsideWindow(envelope, ports.now());
  return { envelope, payload, command, input };
}

/** Access `operatorReads`: whose operator reads; throws a ProblemError where the signature does not tell. */
export async function establishOperator(
  request: FastifyRequest,
  ports: OperatorPorts,
): Promise<void> {
  const envelope = readSignedHeaders(request.headers);
  refuseOutsideWindow(envelope, ports.now());
  const { method, url } = request.raw;
  const text = querySigningText(ports.network, envelope, method ?? '', url ?? '');
  const operated: string[] = [];
  for (const input of ports.pools) {
    const key = (await keysOf(ports, input))?.activeOperatorKeys().get(envelope.keyId);
    if (key && createSignatureCheck(Buffer.from(key, 'hex'))(text, envelope.signature))
      operated.push(input.pool);
  }
  if (operated.length === 0)
    throw queryProblem(
      envelope,
      ports.network,
      { method: method ?? '', target: url ?? '' },
      'the operator key of any pool',
    );
  request.operatedPools = operated;
}

function readCommand(payload: Uint8Array) {
  const read = readAnyCommand(payload);
  if (isCommandFault(read))
    throw fieldProblem(
      'bodyInvalid',
      read.field,
      typeof read.value === 'object' ? JSON.stringify(read.value) : read.value,
      read.expected,
    );
  const { command } = read;
  if (isCaseCommand(command)) return read;
  // What is registered stays: a key that no signature can safely be checked under must not come in.
  // One that did may be revoked.
  if (!isKeyCommand(command) || command.state !== 'registered') return read;
  const refusal = keyRefusal(Buffer.from(command.publicKey, 'hex'));
  if (refusal !== null)
    throw fieldProblem(
      'bodyInvalid',
      'command/publicKey',
      command.publicKey,
      `an Ed25519 key that can be admitted: ${refusal}`,
    );
  return read;
}

/** A key whose owner does not show that he has it: clearing would refuse it by the same rule. */
function refuseUnproven({ network, now }: OperatorPorts, command: Command | CaseCommand): void {
  if (isCaseCommand(command) || !isKeyCommand(command) || command.state !== 'registered') return;
  const fault = possessionFault(network, claimedKey(network, command), now());
  if (fault)
    throw fieldProblem('bodyInvalid', `command/${fault.field}`, fault.value, fault.expected);
}

/** Whose keys are which in a pool now; null: its log has not begun. */
export async function keysOf(ports: OperatorPorts, input: PoolInput): Promise<SystemKeys | null> {
  const genesis = await inTime(ports, input.genesis());
  if (!genesis) return null;
  const keys = new SystemKeys();
  keys.begin(genesis);
  for (const change of await inTime(ports, ports.book.keyChanges(input.pool))) keys.fold(change);
  return keys;
}

async function authorize(
  ports: OperatorPorts,
  input: PoolInput,
  envelope: Envelope,
  payload: Uint8Array,
): Promise<void> {
  const held = await keysOf(ports, input);
  if (!held) throw passingProblem('logUnavailable', `the log of pool ${input.pool} has not begun`);
  const text = commandSigningText(ports.network, input.pool, envelope, payload);
  const keys = held.activeOperatorKeys();
  const key = keys.get(envelope.keyId);
  if (key && createSignatureCheck(Buffer.from(key, 'hex'))(text, envelope.signature)) return;
  throw signatureProblem(
    envelope,
    keys.size > 0
      ? `the signature does not verify under an active operator key ${envelope.keyId} of pool ${input.pool}: check network, topic "pool.${input.pool}.input" and the payload's digest in the signed text`
      : `the genesis of pool ${input.pool} names no operator key: it takes no commands`,
    commandCovered(ports.network, input.pool, payload),
  );
}

/** What the signature of a command covers. */
const commandCovered = (network: string, pool: string, payload: Uint8Array) => ({
  ...{ network, topic: poolInput(pool), payloadDigest: payloadDigestHex(payload) },
});

function append(
  ports: OperatorPorts,
  input: PoolInput,
  command: Command,
  envelope: Envelope,
  payload: Uint8Array,
): Promise<void> {
  return inTime(
    ports,
    input.append(
      (timeMs) => [commandRecord(command, envelope, payload, timeMs)],
      ports.now(),
      command.kind === 'tick',
    ),
  );
}

/** Settlement has nothing to do with it: it stands with the cases, in place of the pool's input. */
async function appendToCases(
  ports: OperatorPorts,
  pool: string,
  { id, keyId, issuedAtMs, signature }: Envelope,
  payload: Uint8Array,
): Promise<void> {
  const record = commandedCase(pool, { id, keyId, issuedAtMs, signature }, payload, ports.now());
  await inTime(ports, ports.log.produce(CASES, [caseMessage(record)]));
}

/** What the log does not do in time, or refuses, is told as "try later". */
async function inTime<T>({ ackTimeoutMs, logger }: OperatorPorts, doing: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), ackTimeoutMs);
  });
  try {
    return await Promise.race([doing, late]);
  } catch (error) {
    logger.warn({ kind: errorKind(error) }, 'a command could not be logged');
    throw passingProblem(
      'logUnavailable',
      'the log did not take the command in time; sending it again is safe',
    );
  } finally {
    clearTimeout(timer);
  }
}
