import { createHash } from 'node:crypto';
import { createSigner, type Signer } from '../../services/core/verification/signing.ts';
import type { LogPort } from '../../services/live/service-context.ts';
import { writeCreditTransfer } from '../../services/protocol/messages/credit-transfer.ts';
import { CREDIT_TRANSFER } from '../../services/protocol/messages/message-types.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { envelopeHeaders } from '../../services/protocol/names/message-headers.ts';
import { payloadDigest, signingText } from '../../services/protocol/names/signing-text.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { KEY_ID, simulatedSecretKey } from '../../services/simulator/keys-and-genesis.ts';

/**
 * The traffic of a fault test: `count` payments that follow from a seed, some beyond what their
 * debtor has, some sent twice, some forged, and some messages that are none. The same payment has the
 * same payload whenever it is sent, so it can be sent again after a crash.
 */
export interface FaultTraffic {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly count: number;
  /** Business date of the payments, YYYY-MM-DD. */
  readonly date: string;
  /** When messages are signed; default the wall clock. */
  readonly nowMs?: () => number;
}

/** One in so many: forged, not a message at all, and too large for its debtor. */
const FORGED = 23;
const POISON = 37;
const LARGE = 11;

/** What stands for a message that has no id of its own. */
const POISON_VALUES = [
  Buffer.from('{"Document":'),
  Buffer.from([0xff, 0xfe, 0x00]),
  Buffer.from('{"__proto__":{"a":1},"__proto__":{}}'),
  Buffer.alloc(70_000, 0x20),
];

const digestOf = (...parts: (string | number)[]) =>
  createHash('sha256').update(parts.join('/')).digest();

export function uetrOf(seed: number, index: number): Uetr {
  const hex = digestOf('uetr', seed, index).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}` as Uetr;
}

/** Whether the message is one that no bank sends. */
export const isPoison = (index: number) => index % POISON === 2;

/** Whether the payment is one that must end in the pool's history under its UETR. */
export const isGenuine = (index: number) => index % FORGED !== 1 && !isPoison(index);

/** Made once: reading a key costs more than signing with it. */
const signers = new Map<string, Signer>();

/** The simulated participant's signer. */
export function signerOf({ seed }: Scenario, bic: string): Signer {
  const name = `${seed} ${bic}`;
  const known = signers.get(name) ?? createSigner(simulatedSecretKey(seed, bic));
  signers.set(name, known);
  return known;
}

export class FaultBanks {
  readonly #traffic: FaultTraffic;

  constructor(traffic: FaultTraffic) {
    this.#traffic = traffic;
  }

  publicKeyOf(bic: string): Uint8Array {
    return signerOf(this.#traffic.scenario, bic).publicKey;
  }

  /** The messages of the payment with this index, as they are sent now. */
  messages(index: number): Message[] {
    const message = this.#payment(index);
    if (isPoison(index))
      return [{ ...message, value: POISON_VALUES[index % POISON_VALUES.length] as Uint8Array }];
    if (index % FORGED === 1) return [forged(message)];
    return index % 7 === 3 ? [message, message] : [message];
  }

  #payment(index: number): Message {
    const { scenario, seed, date } = this.#traffic;
    const draw = digestOf('draw', seed, index);
    const banks = scenario.participants;
    const debtor = draw.readUInt16LE(0) % banks.length;
    const creditor = (debtor + 1 + (draw.readUInt16LE(2) % (banks.length - 1))) % banks.length;
    const { code } = scenario.currencies[(draw[4] as number) % scenario.currencies.length] as {
      code: string;
    };
    const large = index % LARGE === 5;
    const bic = (banks[debtor] as { bic: string }).bic as Bic;
    const uetr = uetrOf(seed, index);
    const payload = writeCreditTransfer(
      {
        messageId: `M-${index}`,
        endToEndId: `E-${index}`,
        uetr,
        instructingAgent: bic,
        debtorAgent: bic,
        creditorAgent: (banks[creditor] as { bic: string }).bic as Bic,
        currency: code,
        amountMinor: BigInt(large ? 3_000_000 + draw.readUInt16LE(6) : 1 + draw.readUInt16LE(6)),
        settlementDate: date,
        priority: 'normal',
        conversion: null,
      },
      { debtor: 'A debtor', creditor: 'A creditor' },
      Date.parse(date),
      () => 2,
    );
    return this.#signed(bic, uetr, payload);
  }

  #signed(sender: Bic, id: Uetr, payload: Uint8Array): Message {
    const issuedAtMs = (this.#traffic.nowMs ?? Date.now)();
    const signature = signerOf(this.#traffic.scenario, sender).sign(
      signingText({
        network: this.#traffic.scenario.network,
        topic: PAYMENTS,
        messageType: CREDIT_TRANSFER,
        sender,
        keyId: KEY_ID,
        id,
        issuedAtMs: String(issuedAtMs),
        payloadDigest: payloadDigest(payload).toString('hex'),
      }),
    );
    const headers = envelopeHeaders({
      id,
      sender,
      messageType: CREDIT_TRANSFER,
      keyId: KEY_ID,
      issuedAtMs,
      signature,
    });
    return { key: sender, value: payload, headers };
  }
}

function forged(message: Message): Message {
  const signature = Buffer.from(message.headers.ce_signature ?? '', 'base64');
  signature.writeUInt8(signature.readUInt8(5) ^ 1, 5);
  return {
    ...message,
    headers: { ...message.headers, ce_signature: signature.toString('base64') },
  };
}

/** Sender of messages of nobody. */
export const STRANGER = 'NOBODY00';

/** Ids of what stands in `payments`: a bank that was killed sends what is missing there. */
export async function idsInPayments(log: LogPort, partitions: number): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let partition = 0; partition < partitions; partition++) {
    let next = await log.startOffset(PAYMENTS, partition);
    for (;;) {
      const records = await log.read(PAYMENTS, partition, next, 500);
      const last = records[records.length - 1];
      if (!last) break;
      // A stranger's message has the id of a payment that may not be there.
      for (const { headers } of records)
        if (headers.ce_source !== STRANGER) ids.add(headers.ce_id ?? '');
      next = last.logOffset + 1;
    }
  }
  return ids;
}
