import { type TSchema, Type } from '@sinclair/typebox';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { asBuffer } from '../names/as-buffer.ts';
import { dayNumber } from '../names/dates.ts';
import type { Envelope } from '../names/message-headers.ts';
import { INT64_MAX } from '../names/minor-units.ts';
import { payloadDigestHex, SIGNED_FIELD_PATTERN, signingText } from '../names/signing-text.ts';
import { POOL_PATTERN, poolInput } from '../names/topic-plan.ts';
import { CASE_COMMAND_SCHEMAS, type CaseCommand, isCaseCommand } from '../records/case-command.ts';
import type { ApprovedCommand } from '../records/commands-taken-once-and-by-two-operators.ts';
import {
  COMMAND_SCHEMAS,
  COMMAND_VERSION,
  type Command,
  type CommandKind,
  type ControlRecord,
  type Genesis,
  GenesisSchema,
  timeMs,
} from '../records/control-record.ts';
import { GENESIS_KEY_ID } from '../records/system-keys.ts';
import { pointerStep } from '../rules/refusal.ts';
import { JsonFault, parseStrictJson } from './strict-json.ts';

/**
 * corridor.operator.1: a command of the operator to one pool, signed by the key that the pool's genesis
 * names. It is signed like every message, with the pool's input as its topic, `operator` as sender and
 * `genesis` as key id; `ce-id` is the command's own id. It becomes a record of the pool's input that
 * carries what was signed, so that the log alone proves who commanded.
 *
 *     {"pool": "main", "command": {"kind": "issue", "bic": "BANKDEF0", "currency": "EUR",
 *       "amountMinor": "100000"}}
 *
 * `command` is a control record without its time: a command takes effect when it is logged. A `tick`
 * accepts the gateway's clock after a jump.
 *
 * What is commanded about a case (records/case-command.ts) is signed alike, and stands in the topic `cases` in place of
 * the pool's input: settlement has nothing to do with it.
 */
export const OPERATOR_COMMAND = 'corridor.operator.1';
/** A bank's command about its own keys: the same document and topic, signed by an active key of the bank. */
export const BANK_KEY_COMMAND = 'corridor.key.1';
export const OPERATOR = 'operator';
export const OPERATOR_KEY_ID = GENESIS_KEY_ID;

/** The whole document, as the OpenAPI document shows it. */
export const OperatorCommandSchema = Type.Object(
  {
    pool: Type.String({ pattern: POOL_PATTERN }),
    command: Type.Union([
      ...Object.values(COMMAND_SCHEMAS),
      ...Object.values(CASE_COMMAND_SCHEMAS),
    ]),
    /** The command of another operator that this one approves: the same once more. */
    approves: Type.Optional(
      Type.Object(
        {
          id: Type.String({ pattern: SIGNED_FIELD_PATTERN }),
          digest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

export interface OperatorCommand<Given = Command> {
  readonly pool: string;
  readonly command: Given;
  readonly approves: ApprovedCommand | null;
}

/** Where a document is at fault, what stands there, and what was expected. */
export interface CommandFault {
  readonly field: string;
  readonly value: unknown;
  readonly expected: string;
}

export const isCommandFault = <Given>(
  read: OperatorCommand<Given> | CommandFault,
): read is CommandFault => 'field' in read;

const ajv = new Ajv({ strict: false, verbose: true, validateSchema: false });
/** Compiled when the first record or command is read: to compile them takes longer than all else at a start. */
const compiled = (schema: TSchema): (() => ValidateFunction) => {
  let validate: ValidateFunction | undefined;
  return () => {
    validate ??= ajv.compile(schema);
    return validate;
  };
};
const validatePool = compiled(OperatorCommandSchema.properties.pool as TSchema);
const validateApproves = compiled(OperatorCommandSchema.properties.approves as TSchema);
type Validators = ReadonlyMap<string, () => ValidateFunction>;
/** By kind: a union's error would name every kind and mean none. */
const validatorsOf = (schemas: Readonly<Record<string, TSchema>>): Validators =>
  new Map(Object.entries(schemas).map(([name, schema]) => [name, compiled(schema)]));
const validators = validatorsOf(COMMAND_SCHEMAS);
const allValidators: Validators = new Map([...validators, ...validatorsOf(CASE_COMMAND_SCHEMAS)]);

/** Reads the document of a command to a pool; amounts are within 64 bits and dates are dates. */
export const readOperatorCommand = (payload: Uint8Array): OperatorCommand | CommandFault =>
  readDocument<Command>(payload, validators);

/** Reads the document of a command to a pool or about a case. */
export const readAnyCommand = (
  payload: Uint8Array,
): OperatorCommand<Command | CaseCommand> | CommandFault => readDocument(payload, allValidators);

const NO_SUCH_MEMBER = 'no such member';

/** In words, which a schema says by its title: a pattern tells a reader little. */
function expectedOf(error: ErrorObject | undefined): string {
  const { title } = (error?.parentSchema ?? {}) as { readonly title?: string };
  if (title !== undefined) return title;
  if (error?.keyword === 'enum') return `one of ${error.params.allowedValues.join(', ')}`;
  if (error?.keyword === 'required') return `an object with ${error.params.missingProperty}`;
  return error?.message?.replace(/^must (be )?/, '') ?? 'another form';
}

/** Of what cannot be read, for its sender to know it again; undefined: nothing was sent. */
const beginning = (payload: Uint8Array): string | undefined =>
  asBuffer(payload.subarray(0, 128)).toString() || undefined;

function readDocument<Given extends Command | CaseCommand>(
  payload: Uint8Array,
  byKind: Validators,
): OperatorCommand<Given> | CommandFault {
  let document: unknown;
  try {
    document = parseStrictJson(payload);
  } catch (error) {
    if (error instanceof JsonFault)
      return error.path === '/'
        ? { field: 'body', value: beginning(payload), expected: error.message }
        : { field: error.path.slice(1), value: error.found, expected: error.message };
    throw error;
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return { field: 'body', value: document, expected: 'an object with pool and command' };
  const { pool, command, approves, ...others } = document as Record<string, unknown>;
  const [other] = Object.keys(others);
  if (other !== undefined) return { field: other, value: others[other], expected: NO_SUCH_MEMBER };
  if (!validatePool()(pool)) return { field: 'pool', value: pool, expected: 'the name of a pool' };
  const name = (command as { kind?: unknown } | null | undefined)?.kind;
  const validate = byKind.get(name as string)?.();
  if (!validate)
    return {
      field: 'command/kind',
      value: name,
      expected: `one of ${[...byKind.keys()].join(', ')}`,
    };
  if (!validate(command)) {
    const [error] = validate.errors ?? [];
    const at = `command${error?.instancePath ?? ''}`;
    if (error?.keyword === 'additionalProperties') {
      const name: string = error.params.additionalProperty;
      const value = (error.data as Record<string, unknown>)[name];
      return { field: `${at}${pointerStep(name)}`, value, expected: NO_SUCH_MEMBER };
    }
    return {
      field: at,
      value: error?.instancePath ? error.data : undefined,
      expected: expectedOf(error),
    };
  }
  if (approves !== undefined && !validateApproves()(approves))
    return {
      field: 'approves',
      value: approves,
      expected: 'the id of a command, and the SHA-256 of what was signed in hex, as `digest`',
    };
  if (approves !== undefined && isCaseCommand(command as Given))
    return { field: 'approves', value: approves, expected: 'none: one operator decides on a case' };
  return (
    faultOf(command as Command) ?? {
      pool: pool as string,
      command: command as Given,
      approves: (approves ?? null) as ApprovedCommand | null,
    }
  );
}

const AMOUNTS = [
  'amountMinor',
  'balanceMinor',
  'creditLineMinor',
  'collateralMinor',
  'capMinor',
  'weight',
  'earmarkCapMinorSeconds',
  'aggregateShortMinor',
  'pooledCollateralMinor',
  'limitMinor',
] as const;

/** What patterns cannot say. */
function faultOf(command: Command): CommandFault | null {
  for (const field of AMOUNTS) {
    const value = (command as Record<string, unknown>)[field];
    if (typeof value === 'string' && BigInt(value) > INT64_MAX)
      return { field: `command/${field}`, value, expected: 'at most 2^63-1 minor units' };
  }
  if ('date' in command && dayNumber(command.date) === null)
    return { field: 'command/date', value: command.date, expected: 'a date of the calendar' };
  return null;
}

const validateGenesis = compiled(GenesisSchema as TSchema);
const validateTime = compiled(timeMs as TSchema);

/** Why something is no control record that clearing could take, null where it is one. */
export function controlFormFault(record: unknown): string | null {
  if (typeof record !== 'object' || record === null) return 'expected an object';
  const { timeMs: at, command: _, ...fields } = record as Record<string, unknown>;
  if (!validateTime()(at)) return `timeMs ${JSON.stringify(at)}: expected ms since 1970`;
  const name = fields.kind as CommandKind | 'genesis';
  const validate = (name === 'genesis' ? validateGenesis : validators.get(name))?.();
  if (!validate)
    return `kind ${JSON.stringify(name)}: expected genesis, ${[...validators.keys()].join(', ')}`;
  if (!validate(fields)) {
    const { instancePath = '', message = 'another form', data } = validate.errors?.[0] ?? {};
    return `${instancePath.slice(1) || name} ${JSON.stringify(data)?.slice(0, 80)}: ${message}`;
  }
  const fault = name === 'genesis' ? null : faultOf(fields as Command);
  return fault && `${fault.field} ${JSON.stringify(fault.value)}: expected ${fault.expected}`;
}

type CommandNames = Pick<Envelope, 'id' | 'issuedAtMs'> & {
  readonly keyId?: string | undefined;
  /** A bank; absent: an operator. */
  readonly sender?: string | undefined;
};

/** What an operator, or a bank about its own keys, signs. */
export function commandSigningText(
  network: string,
  pool: string,
  { id, issuedAtMs, keyId = OPERATOR_KEY_ID, sender = OPERATOR }: CommandNames,
  payload: Uint8Array,
): Uint8Array {
  return signingText({
    network,
    topic: poolInput(pool),
    messageType: sender === OPERATOR ? OPERATOR_COMMAND : BANK_KEY_COMMAND,
    sender,
    keyId,
    id,
    issuedAtMs: String(issuedAtMs),
    payloadDigest: payloadDigestHex(payload),
  });
}

/** The record of the pool's input that a command becomes. */
export function commandRecord(
  command: Command,
  envelope: CommandNames & Pick<Envelope, 'signature'>,
  payload: Uint8Array,
  timeMs: number,
): ControlRecord {
  const { keyId = OPERATOR_KEY_ID, sender = OPERATOR } = envelope;
  return {
    ...command,
    timeMs,
    command: {
      id: envelope.id,
      ...(sender !== OPERATOR && { sender }),
      ...(keyId !== OPERATOR_KEY_ID && { keyId }),
      issuedAtMs: envelope.issuedAtMs,
      signature: Buffer.from(envelope.signature).toString('base64'),
      payload: Buffer.from(payload).toString('utf8'),
      version: COMMAND_VERSION,
    },
  } as ControlRecord;
}

/** Checks a signature under an operator's key. */
export type OperatorCheck = (message: Uint8Array, signature: Uint8Array) => boolean;

/** The operators' keys by their ids, as a genesis names them; none where nobody may command. */
export const operatorKeys = ({ operatorKey, operators }: Genesis): ReadonlyMap<string, string> =>
  new Map([
    ...(operatorKey === undefined ? [] : [[OPERATOR_KEY_ID, operatorKey] as const]),
    ...(operators?.keys ?? []).map(({ keyId, publicKey }) => [keyId, publicKey] as const),
  ]);

/** Why a genesis's operators cannot agree, or one alone could; null: they can, and none can. */
export function operatorsFault({ operatorKey, operators }: Genesis): string | null {
  if (!operators) return null;
  const named = [
    ...(operatorKey === undefined ? [] : [{ keyId: OPERATOR_KEY_ID, publicKey: operatorKey }]),
    ...operators.keys,
  ];
  for (const field of ['keyId', 'publicKey'] as const) {
    const seen = new Set<string>();
    for (const { [field]: value } of named) {
      if (seen.has(value)) return `two operators have the ${field} ${value}: each needs its own`;
      seen.add(value);
    }
  }
  return named.length < operators.approvals
    ? `${operators.approvals} operators have to agree, and it names ${named.length}`
    : null;
}

/**
 * Why a record is not what the operator signed, null where it is: the log checked once more, without
 * trust in the gateway that wrote it.
 */
export function commandRecordFault(
  record: ControlRecord,
  genesis: Pick<Genesis, 'network' | 'pool'>,
  checkOf: (keyId: string, sender?: string) => OperatorCheck | undefined,
): string | null {
  const { command: signed, timeMs: _, ...fields } = record;
  if (!signed) return 'it carries no signature of the operator';
  const check = checkOf(signed.keyId ?? OPERATOR_KEY_ID, signed.sender);
  if (!check) return `there is no key ${signed.keyId} of ${signed.sender ?? 'an operator'}`;
  const payload = Buffer.from(signed.payload);
  const read = readOperatorCommand(payload);
  if (isCommandFault(read)) return `what was signed is no command: ${read.field}`;
  if (read.pool !== genesis.pool) return `it was signed for pool ${read.pool}`;
  if (JSON.stringify(sorted(read.command)) !== JSON.stringify(sorted(fields)))
    return 'it is not what was signed';
  const text = commandSigningText(genesis.network, genesis.pool, signed, payload);
  return check(text, Buffer.from(signed.signature, 'base64'))
    ? null
    : signed.sender === undefined
      ? `the signature does not verify under the operator's key ${signed.keyId ?? OPERATOR_KEY_ID}`
      : `the signature does not verify under ${signed.sender}'s key ${signed.keyId}`;
}

const sorted = (fields: object) => Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
