import { EVENT_OFFSETS as AT, NO_CURRENCY } from '../core/settlement/events.ts';
import { type Currencies, currencyTerms } from '../protocol/messages/instruction.ts';
import { type Instruction, isRefusal, readPayload } from '../protocol/messages/payload.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../protocol/names/handles-to-names.ts';
import { digestInEvent, type Receipt, recordedDigest } from './receipt.ts';
import { EvidenceFault } from './signed-note.ts';

/** What a message asks for, as an event has it. */
interface AskedTerms {
  readonly debtorAgent: string;
  readonly creditorAgent: string;
  readonly currency1: string;
  readonly amount1: bigint;
  /** Absent: it changes no currency. */
  readonly currency2?: string;
  readonly amount2?: bigint;
}

function askedTerms(read: Instruction): AskedTerms | null {
  switch (read.kind) {
    case 'payment': {
      const { debtorAgent, creditorAgent, currency, amountMinor, conversion } = read;
      const credited = conversion && {
        currency2: conversion.currency,
        amount2: conversion.amountMinor,
      };
      const debited = { currency1: currency, amount1: amountMinor };
      return { debtorAgent, creditorAgent, ...debited, ...credited };
    }
    case 'pvpLeg': {
      const { instructingAgent, counterparty, delivers, receives } = read;
      return {
        ...{ debtorAgent: instructingAgent, creditorAgent: counterparty },
        ...{ currency1: delivers, amount1: read.deliversMinor },
        ...{ currency2: receives, amount2: read.receivesMinor },
      };
    }
    case 'chainLeg': {
      const leg = read.legs[read.legNumber - 1];
      if (!leg) return null;
      const { debtorAgent, creditorAgent, code, minor } = leg;
      return { debtorAgent, creditorAgent, currency1: code, amount1: minor };
    }
    default:
      return null;
  }
}

/** What a pool's names say of its currencies. */
export const currencyTermsOf = ({ currencies }: DirectoryNames): Currencies =>
  new Map(currencies.map((entry) => [entry.currency, currencyTerms(entry, '')]));

type Message = NonNullable<Receipt['message']>;

/** @throws EvidenceFault where it cannot be read */
function readMessage(
  { headers, payload, network }: Message,
  currencies: Currencies,
  names: DirectoryNames | null,
): Instruction {
  const envelope = {
    ...{ messageType: headers.ce_type ?? '', sender: headers.ce_source ?? '' },
    ...{ id: headers.ce_id ?? '', issuedAtMs: Number(headers.ce_issuedatms) },
  };
  const read = readPayload(envelope, payload, currencies, network, true);
  if (!isRefusal(read)) return read;
  const hint = names ? '' : '; by ISO 4217: --names FILE has the network’s own currencies';
  throw new EvidenceFault(`its message cannot be read (${read.detail})${hint}`);
}

function held(what: string, said: unknown, recorded: unknown): void {
  if (said !== recorded)
    throw new EvidenceFault(`its message says ${said} as ${what}, the event ${recorded}`);
}

/**
 * Holds the message of a record's receipt against its event, whose attestor is a number of its pool.
 * @param names of the pool; null: the attestor is not compared
 * @returns the SHA-256 of the document, and what sort of document its attestor says that it is
 * @throws EvidenceFault where they differ, the event shows no digest, or the message is no record
 */
export function compareRecord(
  receipt: Receipt,
  message: Message,
  currencies: Currencies,
  names: DirectoryNames | null,
): { readonly digest: Uint8Array; readonly documentKind: string } {
  const read = readMessage(message, currencies, names);
  if (read.kind !== 'attestation' || read.recordKind === null)
    throw new EvidenceFault('its message records no document');
  const { opening } = receipt;
  const event = Buffer.from(opening.form === 'open' ? opening.event : opening.shown);
  held('digest', hex(digestInEvent(read.digest)), hex(recordedDigest(receipt)));
  held('counter', read.counter ?? 0n, event.readBigInt64LE(AT.amount1));
  if (names) held('attestor', read.sender, bicOf(names, event.readUInt32LE(AT.debtorAgent)));
  return { digest: read.digest, documentKind: read.recordKind };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * Holds the message of a receipt against its event, whose banks and currencies are numbers of its pool.
 * @param shown the event's first 96 bytes
 * @param currencies how many decimals amounts have
 * @param names of the pool; null: amounts alone are compared
 * @returns whether there was something to compare: a message of another kind has other terms
 * @throws EvidenceFault where they differ, or the message cannot be read
 */
export function compareTerms(
  shown: Uint8Array,
  message: Message,
  currencies: Currencies,
  names: DirectoryNames | null,
): boolean {
  const read = readMessage(message, currencies, names);
  const asked = askedTerms(read);
  if (!asked) return false;
  const event = Buffer.from(shown);
  const number2 = event.readUInt16LE(AT.currency2);
  const isOne = asked.amount2 === undefined;
  held('amount', asked.amount1, event.readBigInt64LE(AT.amount1));
  if (!isOne) held('amount received', asked.amount2, event.readBigInt64LE(AT.amount2));
  if (!names) return true;
  const currency = (at: number) => currencyOf(names, event.readUInt16LE(at));
  held('debtor’s agent', asked.debtorAgent, bicOf(names, event.readUInt32LE(AT.debtorAgent)));
  held('creditor’s agent', asked.creditorAgent, bicOf(names, event.readUInt32LE(AT.creditorAgent)));
  held('currency', asked.currency1, currency(AT.currency1));
  if (!isOne)
    held(
      'currency received',
      asked.currency2,
      number2 === NO_CURRENCY ? asked.currency1 : currency(AT.currency2),
    );
  return true;
}
