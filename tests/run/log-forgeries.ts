import { reasonNumber } from '../../services/core/settlement/reasons.ts';
import { createSigner, type Signer } from '../../services/core/verification/signing.ts';
import type { LogPort } from '../../services/live/service-context.ts';
import {
  commandRecord,
  commandSigningText,
} from '../../services/protocol/messages/operator-command.ts';
import { uetrBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { dateText } from '../../services/protocol/names/dates.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { payloadDigest } from '../../services/protocol/names/signing-text.ts';
import { poolInput } from '../../services/protocol/names/topic-plan.ts';
import type { Command, ControlRecord } from '../../services/protocol/records/control-record.ts';
import {
  isControl,
  layOutVerified,
  readControl,
  readVerified,
  writeControl,
} from '../../services/protocol/records/input-record.ts';
import type { PaymentContent, Said } from '../../services/protocol/records/verified-content.ts';
import {
  type VerifiedHead,
  type VerifiedPayment,
  writeVerifiedRecord,
} from '../../services/protocol/records/verified-record.ts';
import { ALFA, bankAs, CUSTOMERS, paymentOf } from '../faults/banks.ts';
import { signerOf, uetrOf } from '../faults/traffic.ts';
import { liveNetwork, POOL, scenario } from '../support/live.ts';
import { possessionOf } from '../support/possession.ts';

/**
 * Records that somebody writes into a pool's input who has come past everything that keeps it: what
 * they do to settlement, and what a proof must say of each.
 */
export interface Forgery {
  readonly name: string;
  readonly value: Uint8Array;
  /** What is told of it; null: an honest network may write it too, and clearing gives it no effect. */
  readonly fault: RegExp | null;
  /** The event that it causes, by its UETR or its kind. */
  readonly settles?: string;
  /** The UETR that a fault names. */
  readonly uetr?: string;
}

const SEED = 77;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const OPERATOR_SIGNER = createSigner(new Uint8Array(32).fill(9));
export const OPERATOR_KEY = OPERATOR_SIGNER.publicKey;
const STRANGER = createSigner(new Uint8Array(32).fill(10));
const hexOf = (signer: Signer) => Buffer.from(signer.publicKey).toString('hex');
const key = (keyId: string, signer: Signer, state: 'registered' | 'revoked') => ({
  kind: 'key' as const,
  bic: ALFA,
  keyId,
  publicKey: hexOf(signer),
  state,
});

/** The operator's command as a record, signed by `signer` at `issuedAtMs`. */
function commanded(
  id: string,
  command: Command,
  timeMs: number,
  { signer = OPERATOR_SIGNER, issuedAtMs = timeMs } = {},
): Uint8Array {
  const payload = Buffer.from(JSON.stringify({ pool: POOL, command }));
  const names = { id, issuedAtMs };
  const signature = signer.sign(commandSigningText(liveNetwork.network, POOL, names, payload));
  return writeControl(commandRecord(command, { ...names, signature }, payload, timeMs));
}

/** A pool's genesis, and the first payment in its log. */
export async function modelsIn(log: LogPort): Promise<Models> {
  const records = await log.read(poolInput(POOL), 0, 0, 100_000);
  const payment = records.find(
    ({ value }) => !isControl(value) && readVerified(value).kind === 'payment',
  );
  if (!records[0] || !payment) throw new Error('no payment is in the log');
  const genesis = readControl(records[0].value);
  return { genesis, payment: readVerified(payment.value) as VerifiedPayment };
}

export interface Models {
  readonly genesis: ControlRecord;
  readonly payment: VerifiedPayment;
}

/** ALFA's payment to BETA as a verifier would record it, but for what is told. */
function payment(
  template: VerifiedPayment,
  index: number,
  nowMs: number,
  told: {
    readonly record?: Partial<VerifiedHead>;
    readonly content?: Partial<PaymentContent>;
    /** A verifier of today has no content in a notice, one of older logs has. */
    readonly isNotice?: boolean;
    readonly signer?: Signer;
    readonly keyId?: string;
    readonly issuedAtMs?: number;
    readonly message?: (message: Message) => Message;
  } = {},
): { value: Uint8Array; uetr: string } {
  const { signer = signerOf(scenario, ALFA), keyId = 'key-1', issuedAtMs = nowMs } = told;
  const order = paymentOf(SEED, index);
  const honest = bankAs(scenario, ALFA, { signer, keyId }).pay(order, CUSTOMERS, issuedAtMs);
  const message = told.message?.(honest) ?? honest;
  const value = layOutVerified({ headers: message.headers, payload: message.value });
  const head: VerifiedHead = {
    ...template,
    reason: 0,
    appendedAtMs: nowMs,
    issuedAtMs,
    id: uetrBytes(order.uetr),
    payloadDigest: payloadDigest(message.value),
    publicKey: Buffer.from(signerOf(scenario, ALFA).publicKey),
    sender: ALFA,
    partition: 0,
    logOffset: 900_000 + index,
    ...told.record,
  };
  const content = {
    ...template.content,
    debtorAgent: ALFA,
    creditorAgent: order.creditorAgent,
    currency1: 'EUR',
    amount1: 100n,
    settlementDate: Math.floor(nowMs / DAY_MS),
    ...told.content,
  } as PaymentContent;
  const said: Said = { kind: 'payment', content };
  writeVerifiedRecord(head, told.isNotice ? { kind: 'notice', content: said } : said, value);
  return { value, uetr: uetrOf(SEED, index) };
}

/** In the order in which they are appended. */
export function forgeries({ genesis, payment: template }: Models, nowMs: number): Forgery[] {
  const today = dateText(Math.floor(nowMs / DAY_MS));
  const tomorrow = dateText(Math.floor(nowMs / DAY_MS) + 1);
  const midnightMs = (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
  const unsigned = (record: ControlRecord) => writeControl(record);
  const of = (
    name: string,
    index: number,
    fault: RegExp | null,
    told: Parameters<typeof payment>[3],
    settles = false,
  ): Forgery => {
    const { value, uetr } = payment(template, index, nowMs, told);
    return { name, value, fault, uetr, ...(settles && { settles: uetr }) };
  };
  const issue = { kind: 'issue', bic: ALFA, currency: 'EUR', amountMinor: '5' } as const;
  const junk = (message: Message): Message => ({
    ...message,
    value: Buffer.from('junk'),
    headers: { ...message.headers, ce_signature: Buffer.alloc(64).toString('base64') },
  });
  return [
    of('an honest record', 0, null, {}, true),
    of('a zero signature, a junk payload', 1, /signatureInvalid/, { message: junk }, true),
    {
      name: 'an unsigned issue',
      value: unsigned({ ...issue, amountMinor: '99999999900', timeMs: nowMs }),
      fault: /issue: it carries no signature of the operator/,
      settles: 'issued',
    },
    of(
      "another bank's key",
      2,
      /signatureInvalid/,
      { signer: signerOf(scenario, 'BETASG00') },
      true,
    ),
    of(
      'another amount than its message',
      3,
      /amount1 9100, by its message 100/,
      {
        content: { amount1: 9_100n },
      },
      true,
    ),
    of(
      'another creditor than its message',
      4,
      /creditorAgent/,
      {
        content: { creditorAgent: 'GAMMFR00' },
      },
      true,
    ),
    of(
      'an issue time outside the window',
      5,
      /issuedOutsideWindow/,
      {
        issuedAtMs: nowMs - HOUR_MS,
      },
      true,
    ),
    of(
      'a failed authentication of what verifies',
      6,
      /signatureInvalid, and its signature verifies/,
      {
        isNotice: true,
        record: {
          reason: reasonNumber('signatureInvalid'),
          publicKey: new Uint8Array(32),
        },
      },
    ),
    {
      name: 'a command that another key signed',
      value: commanded('c-1', { ...issue, amountMinor: '6' }, nowMs, { signer: STRANGER }),
      fault: /does not verify under the operator's key genesis/,
      settles: 'issued',
    },
    {
      name: 'a command that was kept for an hour',
      value: commanded('c-2', { ...issue, amountMinor: '7' }, nowMs, {
        issuedAtMs: nowMs - HOUR_MS,
      }),
      fault: /it was signed \d+ s before it was logged/,
      settles: 'issued',
    },
    {
      name: 'a command',
      value: commanded('c-3', issue, nowMs),
      fault: null,
      settles: 'issued',
    },
    { name: 'the same command again', value: commanded('c-3', issue, nowMs), fault: null },
    of('a key not registered yet', 8, /its key [0-9a-f]{16}… is registered later, at offset/, {
      signer: STRANGER,
      keyId: 'key-2',
      record: { publicKey: Buffer.from(STRANGER.publicKey) },
    }),
    {
      name: 'its registration',
      value: commanded(
        'c-4',
        {
          ...key('key-2', STRANGER, 'registered'),
          possession: possessionOf(liveNetwork.network, STRANGER, {
            ...{ bic: ALFA, keyId: 'key-2', atMs: nowMs },
          }),
        },
        nowMs,
      ),
      fault: null,
    },
    of(
      'the key as the one of another id',
      9,
      /signatureInvalid/,
      {
        signer: STRANGER,
        keyId: 'key-1',
        record: { publicKey: Buffer.from(STRANGER.publicKey) },
      },
      true,
    ),
    {
      name: 'its revocation',
      value: commanded('c-5', key('key-2', STRANGER, 'revoked'), nowMs),
      fault: null,
    },
    of('a revoked key, which clearing refuses', 10, null, {
      signer: STRANGER,
      keyId: 'key-2',
      record: { publicKey: Buffer.from(STRANGER.publicKey) },
    }),
    {
      name: 'a key without a signature',
      value: unsigned({
        ...key('key-3', createSigner(new Uint8Array(32).fill(11)), 'registered'),
        timeMs: nowMs,
      }),
      fault: /key: it carries no signature of the operator/,
    },
    of(
      'a payment under that key',
      11,
      /its key [0-9a-f]{16}… is registered at offset \d+, by a record that is not proven/,
      {
        signer: createSigner(new Uint8Array(32).fill(11)),
        keyId: 'key-3',
        record: { publicKey: Buffer.from(createSigner(new Uint8Array(32).fill(11)).publicKey) },
      },
      true,
    ),
    {
      name: 'a close before midnight',
      value: unsigned({ kind: 'close', timeMs: nowMs, currency: 'SGD', date: today }),
      fault: /does not close at/,
      settles: 'closed',
    },
    {
      name: 'an opening of tomorrow',
      value: unsigned({
        kind: 'open',
        timeMs: nowMs,
        currency: 'SGD',
        date: tomorrow,
        closesAtMs: midnightMs + DAY_MS,
      }),
      fault: /does not open at/,
      settles: 'opened',
    },
    {
      name: 'a second genesis, with the key of somebody else',
      value: unsigned({ ...genesis, timeMs: nowMs, operatorKey: hexOf(STRANGER) } as ControlRecord),
      fault: /a log has one genesis/,
    },
    {
      name: 'a command under that key',
      value: commanded('c-6', { ...issue, amountMinor: '8' }, nowMs, { signer: STRANGER }),
      fault: /does not verify under the operator's key genesis/,
      settles: 'issued',
    },
    of(
      'a key that was said to be unknown and is not',
      7,
      /keyUnknown, and its signature verifies/,
      {
        isNotice: true,
        record: {
          reason: reasonNumber('keyUnknown'),
          publicKey: new Uint8Array(32),
          appendedAtMs: nowMs + HOUR_MS,
        },
        issuedAtMs: nowMs + HOUR_MS,
      },
    ),
    {
      name: 'a time that has not come',
      value: unsigned({ kind: 'tick', timeMs: nowMs + 2 * HOUR_MS }),
      fault: /its time .* has not come/,
    },
  ];
}
