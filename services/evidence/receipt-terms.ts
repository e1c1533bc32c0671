/**
 * Holds the message of a receipt against its event. An event has numbers for banks and currencies, and has no digest of
 * the message unless it is of its refusal. What is not compared is therefore the word of whoever signed the message.
 */
import { EVENT_OFFSETS as AT, type EventKind, NO_CURRENCY } from '../core/settlement/events.ts';
import { NONE32 } from '../core/settlement/records.ts';
import type { Currencies } from '../protocol/messages/instruction.ts';
import { MESSAGE_TYPES } from '../protocol/messages/message-types.ts';
import { type Instruction, isRefusal, readPayload } from '../protocol/messages/payload.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../protocol/names/handles-to-names.ts';
import { payloadDigestHex } from '../protocol/names/signing-text.ts';
import type { RuleId } from '../protocol/rules/message-rules.ts';
import { digestInEvent, type Receipt, recordedDigest } from './receipt.ts';
import { EvidenceFault } from './signed-note.ts';

/** What of a message can be compared with an event, in words. */
export const RECEIPT_FIELDS = {
  network: 'network',
  messageType: 'message type',
  amount: 'amount',
  creditedAmount: 'amount credited',
  debtorAgent: 'debtor’s agent',
  creditorAgent: 'creditor’s agent',
  dealer: 'dealer',
  currency: 'currency',
  creditedCurrency: 'currency credited',
  payloadDigest: 'digest of the payload',
  digest: 'digest',
  counter: 'counter',
  attestor: 'attestor',
  pool: 'pool',
} as const;
export type ReceiptField = keyof typeof RECEIPT_FIELDS;

/** Whose log a receipt's proof is of, and what says whose its numbers are. */
export interface ReceiptPool {
  readonly network: string;
  readonly pool: string;
  /** Of all pools of the network: how many decimals amounts have, and which pool settles them. */
  readonly currencies: Currencies;
  /** Null: nothing says whose numbers an event has. */
  readonly names: DirectoryNames | null;
}

/** What a message asks for, as an event has it. Of what is null, or an amount of 0, the message asks for none: its event must have none. */
interface AskedTerms {
  readonly debtorAgent: string;
  readonly creditorAgent: string;
  readonly dealer: string | null;
  readonly currency: string;
  readonly amount: bigint;
  readonly creditedCurrency: string | null;
  readonly creditedAmount: bigint;
}

const ONE_CURRENCY = { dealer: null, creditedCurrency: null, creditedAmount: 0n };

/** Of a leg an event has what that leg delivers, and nothing of the others. */
function askedTerms(read: Instruction): AskedTerms | null {
  switch (read.kind) {
    case 'payment': {
      const { debtorAgent, creditorAgent, currency, amountMinor: amount, conversion } = read;
      const credited = conversion && {
        dealer: conversion.dealer,
        creditedCurrency: conversion.currency,
        creditedAmount: conversion.amountMinor,
      };
      return { debtorAgent, creditorAgent, currency, amount, ...ONE_CURRENCY, ...credited };
    }
    case 'pvpLeg': {
      const { instructingAgent: debtorAgent, counterparty: creditorAgent, delivers } = read;
      const moved = { currency: delivers, amount: read.deliversMinor };
      return { debtorAgent, creditorAgent, ...moved, ...ONE_CURRENCY };
    }
    case 'chainLeg': {
      const leg = read.legs[read.legNumber - 1];
      if (!leg) return null;
      const { debtorAgent, creditorAgent, code: currency, minor: amount } = leg;
      return { debtorAgent, creditorAgent, currency, amount, ...ONE_CURRENCY };
    }
    default:
      return null;
  }
}

type Message = NonNullable<Receipt['message']>;

/** What a network has its own of, which the standard does not tell. */
const OF_A_NETWORK: ReadonlySet<RuleId> = new Set([
  'currency-known',
  'amount-decimals',
  'amount-maximum',
  'chain-pool',
  'chain-two-pools',
]);

/** @returns null: it can be read by the network's own currencies alone @throws EvidenceFault where it cannot be read */
function readMessage({ headers, payload, network }: Message, of: ReceiptPool): Instruction | null {
  const envelope = {
    ...{ messageType: headers.ce_type ?? '', sender: headers.ce_source ?? '' },
    ...{ id: headers.ce_id ?? '', issuedAtMs: Number(headers.ce_issuedatms) },
  };
  const read = readPayload(envelope, payload, of.currencies, network, true);
  if (!isRefusal(read)) return read;
  if (!of.names && OF_A_NETWORK.has(read.rule)) return null;
  throw new EvidenceFault(`its message cannot be read (${read.detail})`);
}

type Said = string | bigint | null;

function held(field: ReceiptField, said: Said, recorded: Said): void {
  if (said === recorded) return;
  const [says, has] = [said, recorded].map((one) => one ?? 'none');
  throw new EvidenceFault(`its message says ${says} as ${RECEIPT_FIELDS[field]}, the event ${has}`);
}

/** What is compared of every message. */
function heldHead(event: Buffer, { headers, network }: Message, of: ReceiptPool): ReceiptField[] {
  const type = MESSAGE_TYPES[event.readUInt16LE(AT.messageType)] ?? null;
  held('network', network, of.network);
  held('messageType', headers.ce_type ?? null, type);
  return ['network', 'messageType'];
}

/** The event of a receipt, as far as its opening shows it. */
export const eventOfReceipt = ({ opening }: Receipt): Buffer =>
  Buffer.from(opening.form === 'open' ? opening.event : opening.shown);

/**
 * Holds the message of a record's receipt against its event, whose attestor is a number of its pool.
 * @returns the SHA-256 of the document, what sort of document its attestor says that it is, and what was compared
 * @throws EvidenceFault where they differ, the event shows no digest, or the message is no record
 */
export function compareRecord(receipt: Receipt, message: Message, of: ReceiptPool) {
  const event = eventOfReceipt(receipt);
  const compared = heldHead(event, message, of);
  const read = readMessage(message, of);
  if (read?.kind !== 'attestation' || read.recordKind === null)
    throw new EvidenceFault('its message records no document');
  held('digest', hex(digestInEvent(read.digest)), hex(recordedDigest(receipt)));
  held('counter', read.counter ?? 0n, event.readBigInt64LE(AT.amount1));
  compared.push('digest', 'counter');
  if (of.names) {
    held('attestor', read.sender, bicOf(of.names, event.readUInt32LE(AT.debtorAgent)));
    const { currency } = read;
    if (currency !== null) held('pool', of.currencies.get(currency)?.pool ?? null, of.pool);
    compared.push('attestor', 'pool');
  }
  return { digest: read.digest, documentKind: read.recordKind, compared };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Events that have what the message of their payment asked for. What is refused need not have been read. */
const AS_ASKED: ReadonlySet<string> = new Set<EventKind>([
  'queued',
  'carriedOver',
  'matched',
  'accepted',
  'triggered',
  'earmarked',
  'promised',
  'notEarmarked',
  'released',
  'settled',
  'cancelled',
  'unwound',
]);

/**
 * Holds the message of a payment's receipt against its event, whose banks and currencies are numbers of its pool.
 * @param kind what the event tells
 * @returns what was compared
 * @throws EvidenceFault where they differ, or the message cannot be read
 */
export function compareTerms(
  receipt: Receipt,
  kind: string,
  message: Message,
  of: ReceiptPool,
): readonly ReceiptField[] {
  const event = eventOfReceipt(receipt);
  const compared = heldHead(event, message, of);
  if (kind === 'rejected' && receipt.opening.form === 'open') {
    const digest = event.subarray(AT.digest, AT.digest + 32);
    held('payloadDigest', payloadDigestHex(message.payload), hex(digest));
    compared.push('payloadDigest');
  }
  if (!AS_ASKED.has(kind)) return compared;
  const read = readMessage(message, of);
  if (!read) return compared;
  const asked = askedTerms(read);
  if (!asked) throw new EvidenceFault('its message asks for no payment');
  held('amount', asked.amount, event.readBigInt64LE(AT.amount1));
  held('creditedAmount', asked.creditedAmount, event.readBigInt64LE(AT.amount2));
  const { names } = of;
  // Whose a number is nothing tells without names, but whether there is one.
  const heldNumber = (
    field: 'debtorAgent' | 'creditorAgent' | 'dealer' | 'currency' | 'creditedCurrency',
    number: number,
    none: number,
    nameOf: typeof bicOf | typeof currencyOf,
  ) => {
    const other = names ? nameOf(names, number) : (asked[field] ?? `number ${number}`);
    held(field, asked[field], number === none ? null : other);
    if (names) compared.push(field);
  };
  compared.push('amount', 'creditedAmount');
  for (const field of ['debtorAgent', 'creditorAgent', 'dealer'] as const)
    heldNumber(field, event.readUInt32LE(AT[field]), NONE32, bicOf);
  heldNumber('currency', event.readUInt16LE(AT.currency1), NO_CURRENCY, currencyOf);
  heldNumber('creditedCurrency', event.readUInt16LE(AT.currency2), NO_CURRENCY, currencyOf);
  return compared;
}
