import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { CYCLE_MECHANISMS } from '../../core/settlement/records.ts';
import { dayNumber } from '../names/dates.ts';
import type { Envelope } from '../names/envelope.ts';
import { BIC_PATTERN, SIGNED_FIELD_PATTERN } from '../names/identifiers.ts';
import { INT64_MAX } from '../names/money.ts';
import { payloadDigest, signingText } from '../names/signing-text.ts';
import { POOL_PATTERN, poolInput } from '../names/topics.ts';
import type { ControlRecord, Genesis } from '../records/control-record.ts';
import { ASSET_PATTERN, isoDate } from './document.ts';
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
 */
export const OPERATOR_COMMAND = 'corridor.operator.1';
export const OPERATOR = 'operator';
export const OPERATOR_KEY_ID = 'genesis';

const bic = Type.String({ pattern: BIC_PATTERN });
const currency = Type.String({ pattern: ASSET_PATTERN });
/** Null: every currency of the pool. */
const currencyOrAll = Type.Union([currency, Type.Null()]);
/** The currency's central bank, where it has one. */
const issuer = Type.Optional(bic);
const minor = Type.String({ pattern: '^(0|[1-9][0-9]{0,18})$' });
/** Null: none any more. */
const minorOrNone = Type.Union([minor, Type.Null()]);
const basisPoints = Type.Integer({ minimum: 0, maximum: 10_000 });
const kind = <K extends string>(...kinds: K[]) => Type.Unsafe<K>({ type: 'string', enum: kinds });
const closed = { additionalProperties: false };

const COMMANDS = {
  participant: Type.Object(
    {
      kind: kind('participant'),
      bic,
      name: Type.String({ minLength: 1, maxLength: 140 }),
      role: kind('bank', 'dealer', 'central-bank'),
    },
    closed,
  ),
  currency: Type.Object(
    { kind: kind('currency'), currency, minorUnits: Type.Integer({ minimum: 0, maximum: 4 }) },
    closed,
  ),
  account: Type.Object(
    { kind: kind('account'), bic, currency, balanceMinor: minor, creditLineMinor: minor, issuer },
    closed,
  ),
  creditLine: Type.Object({ kind: kind('creditLine'), bic, currency, amountMinor: minor }, closed),
  collateral: Type.Object(
    {
      kind: kind('collateral'),
      bic,
      currency,
      collateralMinor: minor,
      haircutBasisPoints: basisPoints,
    },
    closed,
  ),
  rules: Type.Object(
    {
      kind: kind('rules'),
      currency,
      queueRule: kind('fifo', 'bypass-fifo'),
      cycleMechanism: kind(...CYCLE_MECHANISMS),
      atClose: kind('cancel', 'carry-over'),
      entryOffsetting: Type.Boolean(),
      bilateralOffsetting: Type.Boolean(),
      offsettingMinimumMs: Type.Integer({ minimum: 0, maximum: 86_400_000 }),
      deferredNetClasses: kind('all', 'normal'),
      defaultRule: kind('unwind', 'shareLoss'),
    },
    closed,
  ),
  issuer: Type.Object({ kind: kind('issuer'), bic, currency }, closed),
  cap: Type.Object(
    {
      kind: kind('cap'),
      bic,
      currency,
      counterparty: Type.Union([bic, Type.Null()]),
      capMinor: minorOrNone,
    },
    closed,
  ),
  valuation: Type.Object(
    { kind: kind('valuation'), currency, weight: minor, haircutBasisPoints: basisPoints },
    closed,
  ),
  crossLimit: Type.Object(
    {
      kind: kind('crossLimit'),
      bic,
      currency,
      aggregateShortMinor: minorOrNone,
      pooledCollateralMinor: minorOrNone,
    },
    closed,
  ),
  issue: Type.Object({ kind: kind('issue'), bic, currency, amountMinor: minor, issuer }, closed),
  redeem: Type.Object({ kind: kind('redeem'), bic, currency, amountMinor: minor, issuer }, closed),
  default: Type.Object({ kind: kind('default'), bic, currency: currencyOrAll }, closed),
  cycle: Type.Object({ kind: kind('cycle'), currency: currencyOrAll }, closed),
  key: Type.Object(
    {
      kind: kind('key'),
      bic,
      keyId: Type.String({ pattern: SIGNED_FIELD_PATTERN }),
      publicKey: Type.String({ pattern: '^[0-9a-f]{64}$' }),
      state: kind('registered', 'revoked'),
    },
    closed,
  ),
  open: Type.Object(
    {
      kind: kind('open'),
      currency,
      date: isoDate,
      closesAtMs: Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 }),
    },
    closed,
  ),
  close: Type.Object({ kind: kind('close'), currency, date: isoDate }, closed),
  tick: Type.Object({ kind: kind('tick') }, closed),
} as const;

type CommandKind = keyof typeof COMMANDS;
const KINDS = Object.keys(COMMANDS) as CommandKind[];

/** The whole document, as the OpenAPI document shows it. */
export const OperatorCommandSchema = Type.Object(
  {
    pool: Type.String({ pattern: POOL_PATTERN }),
    command: Type.Union(Object.values(COMMANDS)),
  },
  closed,
);

export type Command = Static<(typeof COMMANDS)[CommandKind]>;

export interface OperatorCommand {
  readonly pool: string;
  readonly command: Command;
}

/** Where a document is at fault, what stands there, and what was expected. */
export interface CommandFault {
  readonly field: string;
  readonly value: unknown;
  readonly expected: string;
}

export const isCommandFault = (read: OperatorCommand | CommandFault): read is CommandFault =>
  'field' in read;

const ajv = new Ajv({ strict: false, verbose: true });
const validatePool = ajv.compile(OperatorCommandSchema.properties.pool as TSchema);
/** By kind: a union's error would name every kind and mean none. */
const validators = new Map(KINDS.map((name) => [name, ajv.compile(COMMANDS[name] as TSchema)]));

/** Reads the document of a command; amounts are within 64 bits and dates are dates. */
export function readOperatorCommand(payload: Uint8Array): OperatorCommand | CommandFault {
  let document: unknown;
  try {
    document = parseStrictJson(payload);
  } catch (error) {
    if (error instanceof JsonFault)
      return { field: 'body', value: undefined, expected: `JSON: ${error.message}` };
    throw error;
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return { field: 'body', value: document, expected: 'an object with pool and command' };
  const { pool, command, ...others } = document as Record<string, unknown>;
  const [other] = Object.keys(others);
  if (other !== undefined)
    return { field: other, value: others[other], expected: 'no such member' };
  if (!validatePool(pool)) return { field: 'pool', value: pool, expected: 'the name of a pool' };
  const name = (command as { kind?: unknown } | null | undefined)?.kind;
  const validate = validators.get(name as CommandKind);
  if (!validate)
    return { field: 'command/kind', value: name, expected: `one of ${KINDS.join(', ')}` };
  if (!validate(command)) {
    const [error] = validate.errors ?? [];
    return {
      field: `command${error?.instancePath ?? ''}`,
      value: error?.instancePath ? error.data : undefined,
      expected: error?.message ?? 'another form',
    };
  }
  return faultOf(command as Command) ?? { pool: pool as string, command: command as Command };
}

const AMOUNTS = [
  'amountMinor',
  'balanceMinor',
  'creditLineMinor',
  'collateralMinor',
  'capMinor',
  'weight',
  'aggregateShortMinor',
  'pooledCollateralMinor',
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

const count = Type.Integer({ minimum: 0, maximum: 4_294_967_295 });
const time = Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 });
const { kind: _kind, currency: _currency, ...ruleFields } = COMMANDS.rules.properties;
const validateGenesis = ajv.compile(
  Type.Object({
    kind: kind('genesis'),
    network: Type.String({ pattern: SIGNED_FIELD_PATTERN }),
    pool: Type.String({ pattern: POOL_PATTERN }),
    rulesVersion: count,
    ...ruleFields,
    cycleIntervalMs: time,
    pvpTimeoutMs: time,
    certificates: Type.Boolean(),
    identityDays: count,
    limits: Type.Object({
      participants: count,
      currencies: count,
      livePayments: count,
      identities: count,
      quotes: count,
      limits: count,
    }),
    hashKey: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    operatorKey: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
    foundingRecords: Type.Optional(Type.Integer({ minimum: 1 })),
  }) as TSchema,
);
const validateTime = ajv.compile(time as TSchema);

/** Why something is no control record that clearing could take, null where it is one. */
export function controlFormFault(record: unknown): string | null {
  if (typeof record !== 'object' || record === null) return 'expected an object';
  const { timeMs, command: _, ...fields } = record as Record<string, unknown>;
  if (!validateTime(timeMs)) return `timeMs ${JSON.stringify(timeMs)}: expected ms since 1970`;
  const name = fields.kind as CommandKind | 'genesis';
  const validate = name === 'genesis' ? validateGenesis : validators.get(name);
  if (!validate) return `kind ${JSON.stringify(name)}: expected genesis, ${KINDS.join(', ')}`;
  if (!validate(fields)) {
    const { instancePath = '', message = 'another form', data } = validate.errors?.[0] ?? {};
    return `${instancePath.slice(1) || name} ${JSON.stringify(data)?.slice(0, 80)}: ${message}`;
  }
  const fault = name === 'genesis' ? null : faultOf(fields as Command);
  return fault && `${fault.field} ${JSON.stringify(fault.value)}: expected ${fault.expected}`;
}

type CommandNames = Pick<Envelope, 'id' | 'issuedAtMs'>;

/** What the operator signs. */
export function commandSigningText(
  network: string,
  pool: string,
  { id, issuedAtMs }: CommandNames,
  payload: Uint8Array,
): Uint8Array {
  return signingText({
    network,
    topic: poolInput(pool),
    messageType: OPERATOR_COMMAND,
    sender: OPERATOR,
    keyId: OPERATOR_KEY_ID,
    id,
    issuedAtMs: String(issuedAtMs),
    payloadDigest: payloadDigest(payload).toString('hex'),
  });
}

/** The record of the pool's input that a command becomes. */
export function commandRecord(
  command: Command,
  envelope: Pick<Envelope, 'id' | 'issuedAtMs' | 'signature'>,
  payload: Uint8Array,
  timeMs: number,
): ControlRecord {
  return {
    ...command,
    timeMs,
    command: {
      id: envelope.id,
      issuedAtMs: envelope.issuedAtMs,
      signature: Buffer.from(envelope.signature).toString('base64'),
      payload: Buffer.from(payload).toString('utf8'),
    },
  } as ControlRecord;
}

/** Checks a signature under the operator's key. */
export type OperatorCheck = (message: Uint8Array, signature: Uint8Array) => boolean;

/**
 * Why a record is not what the operator signed, null where it is: the log checked once more, without
 * trust in the gateway that wrote it.
 */
export function commandRecordFault(
  record: ControlRecord,
  genesis: Pick<Genesis, 'network' | 'pool'>,
  check: OperatorCheck,
): string | null {
  const { command: signed, timeMs: _, ...fields } = record;
  if (!signed) return 'it carries no signature of the operator';
  const payload = Buffer.from(signed.payload);
  const read = readOperatorCommand(payload);
  if (isCommandFault(read)) return `what was signed is no command: ${read.field}`;
  if (read.pool !== genesis.pool) return `it was signed for pool ${read.pool}`;
  if (JSON.stringify(sorted(read.command)) !== JSON.stringify(sorted(fields)))
    return 'it is not what was signed';
  const text = commandSigningText(genesis.network, genesis.pool, signed, payload);
  return check(text, Buffer.from(signed.signature, 'base64'))
    ? null
    : "the signature does not verify under the genesis's operator key";
}

const sorted = (fields: object) => Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
