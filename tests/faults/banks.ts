import { type Bank, createBank } from '../../services/bank/bank.ts';
import type { Signer } from '../../services/core/verification/signing.ts';
import type { PaymentInstruction } from '../../services/protocol/messages/instruction.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { payloadDigest, signingText } from '../../services/protocol/names/signing-text.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { KEY_ID } from '../../services/simulator/keys-and-genesis.ts';
import { signerOf, uetrOf } from './traffic.ts';

/** Banks of a fault test that send what they are told: good, wrong, forged. */
export const ALFA = 'ALFADE00' as Bic;
export const BETA = 'BETASG00' as Bic;
export const CUSTOMERS = { debtor: 'A debtor', creditor: 'A creditor' };

export interface BankFields {
  readonly keyId?: string;
  readonly network?: string;
  readonly signer?: Signer;
}

/** @param fields what it signs with, in place of the participant's own */
export function bankAs(scenario: Scenario, bic: string, fields: BankFields = {}): Bank {
  const signer = fields.signer ?? signerOf(scenario, bic);
  return createBank({
    bic: bic as Bic,
    keyId: fields.keyId ?? KEY_ID,
    network: fields.network ?? scenario.network,
    sign: (text) => signer.sign(text),
    decimals: () => 2,
    keepsSent: true,
  });
}

export const dateOf = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 10);

/** A payment whose ids follow from `seed` and `index`; ALFA pays BETA 1.00 EUR unless told otherwise. */
export function paymentOf(
  seed: number,
  index: number,
  fields: Partial<PaymentInstruction> = {},
): PaymentInstruction {
  const from = fields.instructingAgent ?? fields.debtorAgent ?? ALFA;
  return {
    messageId: `M-${index}`,
    endToEndId: `E-${index}`,
    uetr: uetrOf(seed, index),
    instructingAgent: from,
    debtorAgent: from,
    creditorAgent: BETA,
    currency: 'EUR',
    amountMinor: 100n,
    settlementDate: dateOf(Date.now()),
    priority: 'normal',
    conversion: null,
    ...fields,
  };
}

export interface SignedFields {
  readonly value?: Uint8Array;
  readonly network?: string;
  readonly topic?: string;
  readonly issuedAtMs?: number;
}

/** The message signed again by its sender, who says something else in it. */
export function signedAnew(scenario: Scenario, message: Message, fields: SignedFields): Message {
  const { headers, key } = message;
  const { value = message.value, network = scenario.network, topic = PAYMENTS } = fields;
  const issuedAtMs = String(fields.issuedAtMs ?? headers.ce_issuedatms);
  const text = signingText({
    network,
    topic,
    messageType: headers.ce_type as string,
    sender: key as string,
    keyId: headers.ce_keyid as string,
    id: headers.ce_id as string,
    issuedAtMs,
    payloadDigest: payloadDigest(value).toString('hex'),
  });
  const signature = Buffer.from(signerOf(scenario, key as string).sign(text)).toString('base64');
  return withHeaders({ ...message, value }, { ce_signature: signature, ce_issuedatms: issuedAtMs });
}

/** The message with other headers. */
export const withHeaders = (message: Message, headers: Record<string, string>): Message => ({
  ...message,
  headers: { ...message.headers, ...headers },
});

/** Numbers from 0 up to, not including, `below`, that follow from a seed. */
export function drawer(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % below;
  };
}
